// SPDX-License-Identifier: Apache-2.0
#include "core/session_end.h"

#include "core/events/stream_events.h"
#include "core/hall.h"
#include "core/host_counts.h"
#include "core/session_hold.h"

namespace meerkat {
namespace {

Task<> tell_of_end(Session& session) {
  const SessionHold hold{session};
  SessionEnds event{session.host, session};
  [[maybe_unused]] const Verdict verdict = co_await session.host.run(event);
}

}  // namespace

void end_session(Session& session) {
  Hall& hall = session.host.hall;
  hall.presence.session_ended(session);
  hall.router.let_go(session);
  hall.sessions.take_out(session);
  session.host.counts->session_ended();
  if (hall.sessions.find(session.jid) == nullptr) session.host.counts->account_left();
  session.host.counts->hooks.user_terminate.add();
  if (session.host.stream_management) session.host.counts->hooks.reroute_unacked_messages.add();
  hall.router.give_back(session);
  if (!session.host.hooks.chain<SessionEnds>().empty()) hall.scope.spawn(tell_of_end(session));
}

}  // namespace meerkat
