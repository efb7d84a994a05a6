// SPDX-License-Identifier: Apache-2.0
#include "streams/c2s_stream.h"

#include <system_error>
#include <utility>

#include "base/log.h"
#include "core/events/stream_events.h"
#include "core/hall.h"
#include "core/host_counts.h"
#include "core/session_end.h"
#include "core/stream_management.h"
#include "streams/c2s_service.h"
#include "streams/negotiation.h"
#include "streams/rationing.h"

namespace meerkat {
namespace {

using namespace std::chrono_literals;

// How long a stream that was closed from here waits for the peer to close too (RFC 6120 §4.4).
constexpr auto linger = 2s;
// How long a client may be held because somebody it writes to reads too slowly.
constexpr auto longest_hold = 1s;
// A client that leaves this much unread is cut off: it would take the memory of others.
constexpr std::size_t most_waiting = 4 * 1024 * 1024;
// Its own memory and its guest's, and what a stranger may hold in all without being called heavy.
constexpr std::size_t weight_of_stream = 700, most_light_weight = 6'000;

// Errors that are not the client's doing: it did not answer, or the server goes down.
bool may_come_back_after(StreamCondition condition) {
  return condition == StreamCondition::connection_timeout || condition == StreamCondition::system_shutdown;
}

}  // namespace

template <auto What>
void C2sStream::set_timer(std::chrono::milliseconds after) {
  timer_.cancel();
  if (after.count() <= 0) return;
  timer_.set(service_->hall.worker.timers(), after, [](void* self) { (static_cast<C2sStream*>(self)->*What)(); }, this);
}

C2sStream::C2sStream(int descriptor, C2sService& service, const C2sOptions& options, std::unique_ptr<Guest> guest)
    : connection_(descriptor, *this), service_(&service), options_(options), guest_(std::move(guest)) {
  options.streams->fetch_add(1, std::memory_order_relaxed);
}

C2sStream::~C2sStream() {
  scope_of_work_.abandon();  // nothing, unless the server stops before all have left
  if (session_ != nullptr) {
    SessionTable& sessions = service_->hall.sessions;
    if (!left_session_) sessions.take_out(*session_);
    sessions.free(*session_);
  }
  // The last look at the options: C2sService::change may free them now.
  options_.streams->fetch_sub(1, std::memory_order_release);
}

void C2sStream::start() {
  try {
    connection_.settle(service_->hall.worker);
    if (options_.tls_mode == TlsMode::tls) connection_.start_tls(options_.tls_contexts[service_->hall.worker.index()]);
  } catch (const std::exception& failure) {
    log_error("connection_refused", {{"error", failure.what()}});
    connection_.abort();
    return service_->bury(*this);
  }
  negotiation_ = std::make_unique<Negotiation>(*this);
  negotiation_->give_time();
  scope_of_work_.spawn(negotiate());
}

Task<> C2sStream::negotiate() {
  Session* const session = co_await negotiation_->run();
  anonymous_ = negotiation_->is_anonymous();
  const Begins how = negotiation_->has_resumed() ? Begins::resumed : Begins::anew;
  const std::string leftover = negotiation_->leftover();
  negotiation_.reset();
  if (session == nullptr || closing_) co_return;
  established(*session, how);
  if (!leftover.empty()) take(leftover);
}

void C2sStream::established(Session& session, Begins how) {
  session_ = &session;
  timer_.cancel();
  if (options_.shaper != "none") {
    rationing_ = std::make_unique<Rationing>(service_->hall, session, options_.shaper);
    ration(0);
  }
  read_if_nothing_hinders();
  if (anonymous_) session.host.counts->anonymous_came.add();
  if (how == Begins::anew) return service_->hall.fire(SessionOpens{session.host, session});
  service_->hall.router.send_again(session);
  service_->hall.fire(SessionResumes{session.host, session});
}

void C2sStream::received(std::string_view bytes) noexcept {
  service_->data.received(bytes.size(), secured_now());
  take(bytes);
}

void C2sStream::sent(std::size_t bytes) noexcept { service_->data.sent(bytes, secured_now()); }

DataTraffic::Secured C2sStream::secured_now() const {
  return connection_.tls() != nullptr ? DataTraffic::Secured::yes : DataTraffic::Secured::no;
}

const ElementTraffic& C2sStream::traffic() const {
  const HostType* const host = session_ != nullptr ? &session_->host : negotiation_ ? negotiation_->host() : nullptr;
  return host != nullptr ? host->counts->c2s : service_->nameless;
}

void C2sStream::write_other(std::string_view element) {
  connection_.write(element);
  traffic().out.add(ElementKind::other, element.size());
}

void C2sStream::take(std::string_view bytes) {
  // A sign of life, unless the bytes may have been under way before what they would be a sign for.
  if (has_session() && !std::exchange(was_paused_, false)) session_->in_flight.alive();
  if (rationing_ && !closing_) ration(bytes.size());
  serve(bytes);
}

void C2sStream::serve(std::string_view bytes) {
  if (closing_) return;
  try {
    if (negotiation_) return negotiation_->feed(bytes);
    serve_bytes(bytes);
  } catch (const StreamError& error) {
    end_with(error);
  } catch (const std::exception& failure) {
    // The fence of the stream.
    log_error("stream_failed", {{"session", session_ ? session_->jid.text() : ""}, {"error", failure.what()}});
    end_with(StreamError::internal_server_error());
  }
}

void C2sStream::ended(ConnectionEnd why) noexcept {
  if (why == ConnectionEnd::tls_failed) log_info("tls_failed", {{"error", connection_.tls_failure()}});
  closing_ = true;
  gone_ = true;
  timer_.cancel();
  count_end(why);
  lose_client();
  if (negotiation_) negotiation_->peer_gone();
  // It has nothing to give any more, though it may have to wait for an answer to be buried.
  if (gone_) service_->stand(*this, Line::users, 0);
  bury_if_done();
}

// Where somebody was there who could have gone.
void C2sStream::count_end(ConnectionEnd why) const {
  if (!has_session()) return;
  const HookCounts& counts = session_->host.counts->hooks;
  (why == ConnectionEnd::tls_failed ? counts.user_socket_error : counts.user_socket_closed).add();
}

void C2sStream::flushed() noexcept {
  if (!has_session()) return;
  const std::size_t left = connection_.waiting();
  if (left == 0) session_->in_flight.written();
  if (session_->held) service_->hall.router.caught_up(*session_);
  if (left <= most_unread() && !too_slow_) return;
  log_notice("client_too_slow", {{"session", session_->jid.text()}, {"bytes", left}});
  drop();
}

void C2sStream::drop() {
  lose_client();
  connection_.abort();
  ended(ConnectionEnd::reset);
}

bool C2sStream::takes_more() {
  if (connection_.waiting() > most_unread()) give_up();
  return !too_slow_;
}

// What is kept for it anyway may all be sent at once when it resumes.
std::size_t C2sStream::most_unread() const {
  return most_waiting + (has_session() && session_->management ? session_->management->bytes() : 0);
}

void C2sStream::give_up() {
  too_slow_ = true;
  connection_.out();  // so that the end of the turn comes by
}

void C2sStream::end_with(const StreamError& error) {
  if (closing_) return;
  closing_ = true;
  say_what_was_handled();
  if (may_come_back_after(error.condition))
    lose_client();
  else
    leave_session();
  if (negotiation_ && !header_sent_) negotiation_->send_header({});
  std::string& out = connection_.out();
  const std::size_t before = out.size();
  error.append_to(out);
  traffic().out.add(ElementKind::stream_error, out.size() - before);
  say_goodbye();
}

void C2sStream::close() {
  if (closing_) return;
  closing_ = true;
  say_what_was_handled();
  leave_session();
  say_goodbye();
}

void C2sStream::say_goodbye() {
  connection_.write("</stream:stream>");
  connection_.finish();
  give_time(linger);
  if (negotiation_) negotiation_->peer_gone();
}

void C2sStream::time_is_up() {
  if (closing_) return drop();
  if (negotiation_) negotiation_->time_is_up();
  end_with(StreamError::connection_timeout());
}

void C2sStream::shut_down() { end_with(StreamError::system_shutdown()); }

// The session is over for everybody else. Its memory goes with the stream, when no handler looks at it any more.
void C2sStream::leave_session() {
  if (!has_session()) return;
  if (anonymous_) session_->host.counts->anonymous_left.add();
  left_session_ = true;
  end_session(*session_);
}

void C2sStream::bury_if_done() {
  if (!scope_of_work_.idle()) {
    return scope_of_work_.when_idle([](void* self) { static_cast<C2sStream*>(self)->bury_if_done(); }, this);
  }
  if (gone_) service_->bury(*this);
}

void C2sStream::weigh() {
  if (line_ == Line::users || gone_) return;
  const TlsSession* const tls = connection_.tls();
  const std::size_t weight =
      weight_of_stream + (tls != nullptr ? tls->weight() : 0) + (negotiation_ ? negotiation_->weight() : 0);
  service_->stand(*this, weight > most_light_weight ? Line::heavy_strangers : Line::strangers,
                  static_cast<std::uint32_t>(weight));
}

void C2sStream::is_known() {
  guest_->logged_in();
  service_->stand(*this, Line::users, 0);
}

void C2sStream::give_time(std::chrono::milliseconds time) { set_timer<&C2sStream::time_is_up>(time); }

void C2sStream::hold() {
  if (closing_ || held_) return;
  held_ = true;
  was_paused_ = true;
  connection_.pause_reading();
  set_timer<&C2sStream::release>(longest_hold);
}

StreamFacts C2sStream::facts() const {
  const TlsSession* const tls = connection_.tls();
  return {peer().ip.text(), tls != nullptr ? tls->version() : std::string{}, peer().port, anonymous_};
}

void C2sStream::release() {
  if (closing_ || !held_) return;
  held_ = false;
  timer_.cancel();
  read_if_nothing_hinders();
}

}  // namespace meerkat
