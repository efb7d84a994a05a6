// SPDX-License-Identifier: Apache-2.0
#include "core/detached_session.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/log.h"
#include "core/events/stream_events.h"
#include "core/hall.h"
#include "core/session_end.h"
#include "core/stream_management.h"

namespace meerkat {

void DetachedSession::detach(Session& session, std::chrono::seconds within) {
  StreamManagement& management = *session.management;
  check(!management.detached, "a session is detached once");
  ++session.holders;
  management.detached.reset(new DetachedSession);
  session.stream = management.detached.get();
  if (management.keeps()) management.put_first(session.in_flight.give_back());
  management.client_left();
  management.detached->wait_for_client(session, within);
  Hall& hall = session.host.hall;
  hall.resumptions.count(Resumption::detached);
  hall.router.let_go(session);
  hall.fire(SessionDetaches{session.host, session});
  hall.router.tell_unacknowledged(session);
}

Session& DetachedSession::restore(const Jid& full, HostType& host, Past past) {
  std::unique_ptr<DetachedSession> detached{new DetachedSession};
  Session& session = host.hall.sessions.open(full, host, *detached);
  session.management =
      std::make_unique<StreamManagement>(session, host.stream_management, std::move(past.id), past.resume_within);
  session.management->detached = std::move(detached);
  session.management->detached->wait_for_client(session, past.remaining);
  return session;
}

void DetachedSession::wait_for_client(Session& session, std::chrono::seconds within) {
  session_ = &session;
  ++session.host.hall.detached;
  Worker& worker = session.host.hall.worker;
  until_ = worker.clock().steady() + within;
  timer_.set(worker.timers(), within, [](void* self) { static_cast<DetachedSession*>(self)->time_is_up(); }, this);
}

std::chrono::seconds DetachedSession::remaining() const {
  const auto left = until_ - session_->host.hall.worker.clock().steady();
  return std::max(std::chrono::seconds{0}, std::chrono::ceil<std::chrono::seconds>(left));
}

// Nobody writes to who takes no more; what is written all the same goes nowhere.
std::string& DetachedSession::out() {
  static thread_local std::string nowhere;
  nowhere.clear();
  return nowhere;
}

void DetachedSession::end_with(const StreamError& error) {
  // It has no connection that could time out, and it outlives the server.
  if (error.condition == StreamCondition::connection_timeout || error.condition == StreamCondition::system_shutdown)
    return;
  end();
}

void DetachedSession::give_up() {
  timer_.set(
      session_->host.hall.worker.timers(), std::chrono::seconds{0},
      [](void* self) { static_cast<DetachedSession*>(self)->time_is_up(); }, this);
}

void DetachedSession::time_is_up() {
  session_->host.hall.resumptions.count(Resumption::expired);
  log_info("session_not_resumed", {{"session", session_->jid.text()}});
  end();
}

void DetachedSession::end() {
  Session& session = *session_;
  timer_.cancel();
  end_session(session);
  hand_over();
}

void DetachedSession::hand_over() {
  Hall& hall = session_->host.hall;
  timer_.cancel();
  --hall.detached;
  Session& session = *session_;
  // Whoever calls may be one of our callers.
  hall.worker.bury(std::move(session.management->detached));
  hall.sessions.free(session);
}

}  // namespace meerkat
