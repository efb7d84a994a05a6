// SPDX-License-Identifier: Apache-2.0
// How a stanza becomes bytes for one session, and what becomes of senders when that session's client reads too slowly.
#include "core/hall.h"
#include "core/router.h"
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
  if (!session.stream->takes_more()) return;
  append_stanza(session.stream->out(), stanza, to);
  if (!stanza.by_server) keeps_up(session, stanza.from);
}

void Router::write(Session& session, const EntryRef& entry, Form form) {
  session.in_flight.sent(entry, form);
  if (session.in_flight.has_many()) {
    if (session.stream->peer_has_all()) session.in_flight.alive();
    if (session.in_flight.has_too_many()) session.stream->give_up();
  }
  const Stanza& stanza = entry->stanza;
  if (form == Form::itself) return write(session, stanza, stanza.to);
  if (!session.stream->takes_more()) return;
  append_carbon_copy(session.stream->out(), stanza, form == Form::sent_copy ? CarbonCopy::sent : CarbonCopy::received,
                     session.jid);
  keeps_up(session, stanza.from);
}

void Router::keeps_up(Session& session, const Jid& sender) {
  if (session.stream->waiting() > slow_from) slow_down(session, sender);
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
