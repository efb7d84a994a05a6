// SPDX-License-Identifier: Apache-2.0
// RFC 6121 §8.5: what happens to a stanza at the home of its recipient.
#include "core/events/routing_events.h"
#include "core/hall.h"
#include "core/router.h"

namespace meerkat {
namespace {

// A client that has more than this waiting reads too slowly, and who sends to it is held until it has caught up.
constexpr std::size_t slow_from = 256 * 1024;
constexpr std::size_t caught_up_below = 64 * 1024;

// Whether a message is kept until a session has taken it; the others may be lost with their connection.
bool is_kept(const Stanza& message) { return message.type == StanzaType::normal || message.type == StanzaType::chat; }

}  // namespace

void Router::deliver(HostType& host, Stanza stanza) {
  switch (stanza.kind) {
    case StanzaKind::message:
      return deliver_message(host, std::move(stanza));
    case StanzaKind::presence:
      return deliver_presence(stanza);
    case StanzaKind::iq:
      return deliver_iq(host, std::move(stanza));
  }
}

void Router::to_session(Session& session, const Stanza& stanza) {
  if (!session.stream->takes_more()) return;
  append_stanza(session.stream->out(), stanza);
  if (session.stream->waiting() > slow_from) slow_down(session, stanza.from);
}

void Router::to_session(Session& session, const EntryRef& entry) {
  session.in_flight.sent(entry);
  if (session.in_flight.has_many()) {
    if (session.stream->peer_has_all()) session.in_flight.alive();
    if (session.in_flight.has_too_many()) session.stream->give_up();
  }
  to_session(session, entry->stanza);
}

// RFC 6121 §8.5.2.1.1, §8.5.3.2.1.
void Router::deliver_message(HostType& host, Stanza stanza) {
  Account* const account = hall_.sessions.find(stanza.to);
  if (stanza.to.is_full()) {
    if (Session* const session = SessionTable::session_of(account, stanza.to)) {
      if (is_kept(stanza)) return to_session(*session, hall_.log.add(std::move(stanza)));
      return to_session(*session, stanza);
    }
    // Only a chat follows its person to another resource.
    if (stanza.type == StanzaType::headline || stanza.type == StanzaType::error) return;
    if (stanza.type != StanzaType::chat) return refuse(stanza, StanzaError::service_unavailable());
  }
  switch (stanza.type) {
    case StanzaType::error:
      return;
    case StanzaType::groupchat:
      return refuse(stanza, StanzaError::service_unavailable());
    case StanzaType::headline:
      for (Session* session = account ? account->first : nullptr; session; session = session->next_of_account)
        if (session->available() && session->priority >= 0) to_session(*session, stanza);
      return;
    default:
      break;
  }
  const EntryRef entry = hall_.log.add(std::move(stanza));
  if (!to_best_resources(account, entry)) finds_nobody(host, std::move(entry->stanza));
}

// All available resources of the highest priority, if that is not negative.
bool Router::to_best_resources(Account* account, const EntryRef& entry) {
  int best = -1;
  for (Session* session = account ? account->first : nullptr; session; session = session->next_of_account)
    if (session->available()) best = std::max<int>(best, session->priority);
  if (best < 0) return false;
  for (Session* session = account->first; session; session = session->next_of_account)
    if (session->available() && session->priority == best) to_session(*session, entry);
  return true;
}

void Router::finds_nobody(HostType& host, Stanza stanza) {
  if (host.hooks.chain<MessageFindsNobody>().empty()) return refuse(stanza, StanzaError::service_unavailable());
  hall_.scope.spawn(keep_or_refuse(host, std::move(stanza)));
}

Task<> Router::keep_or_refuse(HostType& host, Stanza stanza) {
  MessageFindsNobody event{host, stanza};
  const Verdict verdict = co_await host.run(event);
  if (verdict.error() != nullptr)
    refuse(stanza, *verdict.error());
  else if (verdict.goes_on())
    refuse(stanza, StanzaError::service_unavailable());
}

// RFC 6121 §8.5.2.1.2, §8.5.3.2.2.
void Router::deliver_presence(const Stanza& stanza) {
  if (stanza.type == StanzaType::probe) return;  // answered only by who knows the roster, and there is none yet
  if (stanza.to.is_full()) {
    if (Session* const session = hall_.sessions.find_session(stanza.to)) to_session(*session, stanza);
    return;
  }
  Account* const account = hall_.sessions.find(stanza.to);
  if (account == nullptr || stanza.type == StanzaType::error) return;
  for (Session* session = account->first; session; session = session->next_of_account)
    if (session->available()) to_session(*session, stanza);
}

// RFC 6121 §8.5.2.1.3, §8.5.3.1, §8.5.3.2.3.
void Router::deliver_iq(HostType& host, Stanza stanza) {
  if (stanza.to.is_full()) {
    if (Session* const session = hall_.sessions.find_session(stanza.to)) return to_session(*session, stanza);
    return refuse(stanza, StanzaError::service_unavailable());
  }
  if (!stanza.is_answer() && may_ask(stanza)) hall_.scope.spawn(answer_iq(host, std::move(stanza), IqTarget::account));
}

void Router::give_back(Session& session) {
  HostType& host = session.host;
  Account* const account = hall_.sessions.find(session.jid);
  for (const EntryRef& entry : session.in_flight.give_back()) {
    // Another device holds it, and may still take it.
    if (!entry.last()) continue;
    if (!to_best_resources(account, entry)) finds_nobody(host, std::move(entry->stanza));
  }
}

void Router::slow_down(Session& slow, const Jid& sender) {
  Hall& home = hall_.at_home_of(sender);
  if (!sender.is_full() || hall_.host_of(sender.domain()) == nullptr || sender.same_bare(slow.jid)) return;
  if (!slow.held) slow.held = std::make_unique<std::vector<Jid>>();
  if (std::ranges::find(*slow.held, sender) == slow.held->end()) slow.held->push_back(sender);
  // Who was let go after a while is held again: it is the sender who is slowed down, not the reader who is cut off.
  home.worker.call([&home, sender] {
    if (Session* const session = home.sessions.find_session(sender)) session->stream->hold();
  });
}

void Router::caught_up(Session& session) {
  if (session.held && session.stream->waiting() <= caught_up_below) let_go(session);
}

void Router::let_go(Session& session) {
  if (!session.held) return;
  const auto held = std::exchange(session.held, nullptr);
  for (const Jid& sender : *held) {
    Hall& home = hall_.at_home_of(sender);
    home.worker.call([&home, sender] {
      if (Session* const waiting = home.sessions.find_session(sender)) waiting->stream->release();
    });
  }
}

}  // namespace meerkat
