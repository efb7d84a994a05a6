// SPDX-License-Identifier: Apache-2.0
// How a stanza becomes bytes for one session, and what becomes of senders when that session's client reads too slowly.
#include "base/check.h"
#include "core/delay_stamp.h"
#include "core/events/stream_events.h"
#include "core/hall.h"
#include "core/host_counts.h"
#include "core/router.h"
#include "core/stream_management.h"
#include "xmpp/carbon_copy.h"

namespace meerkat {
namespace {

// A client that has more than this waiting reads too slowly, and who sends to it is held until it has caught up.
constexpr std::size_t slow_from = 256 * 1024;
constexpr std::size_t caught_up_below = 64 * 1024;

}  // namespace

void Router::send(Session& session, const Stanza& stanza, const Jid& to) {
  if (session.valve) {
    Outgoing outgoing{.stanza = stanza};
    outgoing.stanza.to = to;
    if (session.valve->holds(session, outgoing)) return;
  }
  write(session, stanza, to);
}

void Router::send(Session& session, const EntryRef& entry, Form form) {
  if (session.valve && session.valve->holds(session, {.entry = entry, .form = form, .stanza = {}})) return;
  write(session, entry, form);
}

void Router::let_out(Session& session, const Outgoing& held) {
  if (held.entry)
    write(session, held.entry, held.form);
  else
    write(session, held.stanza, held.stanza.to);
}

void Router::write(Session& session, const Stanza& stanza, const Jid& to) {
  StreamManagement* const management = session.management.get();
  if (management == nullptr) return show(session, stanza, to);
  if (!management->keeps()) {
    management->sent_without_keeping();
    return show(session, stanza, to);
  }
  // What may be lost with the connection has an entry of its own until the client acknowledges it.
  Stanza addressed = stanza;
  addressed.to = to;
  write(session, hall_.log.add(std::move(addressed), false), Form::itself);
}

void Router::write(Session& session, const EntryRef& entry, Form form) {
  StreamManagement* const management = session.management.get();
  if (management != nullptr && management->keeps()) {
    management->sent(entry, form);
    if (!session.connected()) tell_unacknowledged(session, entry);
  } else {
    if (management != nullptr) management->sent_without_keeping();
    session.in_flight.sent(entry, form, management != nullptr ? management->sent_count() : 0);
    if (session.in_flight.has_many()) {
      if (session.stream->peer_has_all()) session.in_flight.alive();
      if (session.in_flight.has_too_many()) session.stream->give_up();
    }
  }
  show(session, entry->stanza, form);
}

void Router::show(Session& session, const Stanza& stanza, Form form) {
  if (form == Form::itself) return show(session, stanza, stanza.to);
  if (!session.stream->takes_more()) return;
  std::string& out = session.stream->out();
  const std::size_t before = out.size();
  append_carbon_copy(out, stanza, form == Form::sent_copy ? CarbonCopy::sent : CarbonCopy::received, session.jid);
  shown(session, stanza, out.size() - before);
}

void Router::show(Session& session, const Stanza& stanza, const Jid& to) {
  if (!session.stream->takes_more()) return;
  std::string& out = session.stream->out();
  const std::size_t before = out.size();
  append_stanza(out, stanza, to);
  shown(session, stanza, out.size() - before);
}

void Router::shown(Session& session, const Stanza& stanza, std::size_t size) {
  if (session.traced) [[unlikely]] {
    const std::string_view out = session.stream->out();
    hall_.traces.went(session, out.substr(out.size() - size));
  }
  const ElementCount& count = session.host.counts->c2s.out;
  count.add(element_kind(stanza), size);
  if (session.management && session.management->asks_now()) {
    session.stream->out() += acknowledgement_request;
    count.add(ElementKind::other, acknowledgement_request.size());
  }
  if (!stanza.by_server && session.unread() > slow_from) slow_down(session, stanza.from);
}

void Router::send_again(Session& session) {
  for (const SentEntry& sent : session.management->unacknowledged()) show_again(session, sent);
  // Without a buffer: what the client has surely not got. It has been counted.
  for (SentEntry& sent : session.in_flight.give_back()) {
    show_again(session, sent);
    session.in_flight.sent(std::move(sent.entry), sent.form, sent.number);
  }
}

void Router::show_again(Session& session, const SentEntry& sent) {
  Stanza late = sent.entry->stanza;
  stamp_delay(late, sent.entry->id);
  // Nobody has to wait because of what was sent long ago.
  late.by_server = true;
  show(session, late, sent.form);
}

void Router::tell_unacknowledged(Session& session) {
  for (const SentEntry& sent : session.management->unacknowledged()) tell_unacknowledged(session, sent.entry);
}

void Router::tell_unacknowledged(Session& session, const EntryRef& entry) {
  if (entry->stanza.kind != StanzaKind::message) return;
  session.host.counts->hooks.unacknowledged_message.add();
  const HookChain<MessageUnacknowledged>& chain = session.host.hooks.chain<MessageUnacknowledged>();
  if (chain.empty()) return;
  MessageUnacknowledged event{session.host, session, entry};
  const Answer<Verdict> answer = chain.run(event);
  check(answer.at_hand(), "what is told of a message is heard at once");
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
  if (session.held && session.unread() <= caught_up_below) let_go(session);
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
