// SPDX-License-Identifier: Apache-2.0
#include "net/http_connection.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/log.h"
#include "net/http_compression.h"
#include "net/http_writer.h"

namespace meerkat {
namespace {

// So much may wait for the peer before its next request is answered.
constexpr std::size_t most_waiting = 256 * 1024;
// Of a target, in the log.
constexpr std::size_t longest_shown = 200;

// GET stands for HEAD as well, and OPTIONS is answered for everybody.
std::string allowed(const std::vector<HttpMethod>& methods) {
  std::string list;
  const auto add = [&list](HttpMethod method) { list += (list.empty() ? "" : ", ") + std::string{name_of(method)}; };
  const auto has = [&methods](HttpMethod method) { return std::ranges::find(methods, method) != methods.end(); };
  for (const HttpMethod method : methods) add(method);
  if (has(HttpMethod::get) && !has(HttpMethod::head)) add(HttpMethod::head);
  if (!has(HttpMethod::options)) add(HttpMethod::options);
  return list;
}

}  // namespace

// An answer that is under way. It outlives its connection when the peer goes away.
struct HttpExchange {
  HttpRequest request;
  std::shared_ptr<HttpHandler> handler;
  HttpAsker asker;
  HttpConnection* connection = nullptr;

  static Task<> run(std::unique_ptr<HttpExchange> exchange) {
    HttpResponse response;
    try {
      response = co_await exchange->handler->answer(exchange->request);
    } catch (const std::exception& failure) {
      log_error("http_handler_failed",
                {{"path", exchange->request.path}, {"error", failure.what()}, {"now", "the client is told 500"}});
      response = HttpResponse::plain(500);
    }
    if (HttpConnection* const connection = exchange->connection) connection->answered(std::move(response));
  }
};

HttpConnection::HttpConnection(int descriptor, HttpOwner& owner, std::shared_ptr<HttpSite> site, HttpVisitor visitor)
    : owner_(owner),
      site_(std::move(site)),
      visitor_(std::move(visitor)),
      connection_(std::make_unique<Connection>(descriptor, static_cast<ConnectionUser&>(*this))) {}

HttpConnection::~HttpConnection() {
  if (exchange_ != nullptr) exchange_->connection = nullptr;
}

void HttpConnection::start() {
  enter(Phase::head);
  connection_->settle(owner_.worker());
  if (visitor_.tls) connection_->start_tls(visitor_.tls);
}

std::size_t HttpConnection::held() const { return unread_.size() + (reader_ ? reader_->body_size() : 0) + waiting(); }

void HttpConnection::received(std::string_view bytes) noexcept {
  if (phase_ == Phase::closing || phase_ == Phase::over) return;
  unread_.append(bytes);
  go_on();
}

void HttpConnection::flushed() noexcept {
  if (phase_ == Phase::idle && !unread_.empty()) go_on();
}

bool HttpConnection::may_write_more() const { return waiting() <= most_waiting; }

void HttpConnection::go_on() noexcept {
  if (going_on_) return;
  going_on_ = true;
  while (step()) {
  }
  going_on_ = false;
  if (!connection_ || phase_ == Phase::closing || phase_ == Phase::over) return;
  // Who writes on while an answer is under way waits: what is pipelined has a bound.
  const bool enough = unread_.size() >= site_->rules().limits.head;
  if (enough && connection_->reading()) connection_->pause_reading();
  if (!enough && !connection_->reading()) connection_->resume_reading();
}

// Whether there may be more to do.
bool HttpConnection::step() {
  switch (phase_) {
    case Phase::idle:
      if (unread_.empty() || !may_write_more()) return false;
      enter(Phase::head);
      return true;
    case Phase::head:
    case Phase::body: {
      if (!reader_) reader_ = std::make_unique<HttpReader>(site_->rules().limits);
      const HttpReader::State state = reader_->read(unread_);
      if (state == HttpReader::State::refused) refuse(reader_->status(), reader_->why());
      if (state == HttpReader::State::judging) judge();
      if (state == HttpReader::State::whole) begin_answer();
      return state == HttpReader::State::judging || state == HttpReader::State::whole;
    }
    default:
      return false;
  }
}

// What can be said before the body is read.
void HttpConnection::judge() {
  HttpRequest& request = reader_->request();
  keeps_alive_ = reader_->keeps_alive();
  to_1_0_ = reader_->is_http_1_0();
  to_head_ = request.method == HttpMethod::head;
  takes_gzip_ = false;
  found_ = site_->find(request.host, request.path);
  const auto methods = found_.handler ? found_.handler->methods() : std::vector{HttpMethod::get, HttpMethod::post};
  const auto answers = [&methods](HttpMethod method) { return std::ranges::find(methods, method) != methods.end(); };
  std::optional<HttpResponse> early;
  if (request.method == HttpMethod::other && request.method_name != "CONNECT" && request.method_name != "TRACE") {
    early = HttpResponse::plain(501);
  } else if (request.method == HttpMethod::options &&
             (request.path == "*" || (found_.handler && !answers(request.method)))) {
    early = HttpResponse{.status = 204, .headers = {{"Allow", allowed(methods)}}};
  } else if (!found_.handler) {
    early = HttpResponse::plain(404);
  } else if (!answers(request.method) && !(to_head_ && answers(HttpMethod::get))) {
    early = HttpResponse::plain(405);
    early->headers.add("Allow", allowed(methods));
  }
  if (early) {
    // A body that nobody wants is not read, so nothing behind it can be.
    if (reader_->has_body()) keeps_alive_ = false;
    owner_.is_busy(*this);
    send(std::move(*early));
    return await_next();
  }
  if (to_head_ && !answers(HttpMethod::head)) request.method = HttpMethod::get;
  takes_gzip_ = accepts_gzip(request.headers.get("Accept-Encoding"));
  const HttpReader::State state = reader_->take_body(found_.handler->largest_body());
  if (state == HttpReader::State::refused) return refuse(reader_->status(), reader_->why());
  if (state == HttpReader::State::whole) return begin_answer();
  if (reader_->wants_continue() && unread_.empty()) connection_->write("HTTP/1.1 100 Continue\r\n\r\n");
  enter(Phase::body);
}

void HttpConnection::begin_answer() {
  auto exchange = std::make_unique<HttpExchange>();
  exchange->request = std::move(reader_->request());
  exchange->handler = std::move(found_.handler);
  exchange->connection = this;
  HttpRequest& request = exchange->request;
  request.below = std::move(found_.match.below);
  request.bindings = std::move(found_.match.bindings);
  request.peer = visitor_.peer;
  request.over_tls = visitor_.tls != nullptr;
  request.asker = &exchange->asker;
  reader_.reset();
  if (logs_at(LogLevel::debug, LogWord{"http_asked"}.place))
    log_debug("http_asked", {{"from", visitor_.peer.ip.text()},
                             {"method", request.method_name},
                             {"target", std::string_view{request.target}.substr(0, longest_shown)}});
  exchange_ = exchange.get();
  enter(Phase::answering);
  owner_.is_busy(*this);
  owner_.scope().spawn(HttpExchange::run(std::move(exchange)));
}

void HttpConnection::answered(HttpResponse&& response) {
  exchange_ = nullptr;
  if (response.status == 101 && response.upgrade) return hand_over(std::move(response));
  send(std::move(response));
  await_next();
  go_on();
}

void HttpConnection::hand_over(HttpResponse&& response) {
  const std::unique_ptr<HttpUpgrade> upgrade = std::move(response.upgrade);
  send(std::move(response));
  HttpTakenOver taken{.connection = std::move(connection_),
                      .counted = std::move(visitor_.counted),
                      .heard = std::move(unread_),
                      .peer = visitor_.peer,
                      .over_tls = visitor_.tls != nullptr};
  if (!taken.connection->reading()) taken.connection->resume_reading();
  end();
  upgrade->take_over(std::move(taken));
}

void HttpConnection::send(HttpResponse&& response) {
  if (last_ || site_->is_closed()) keeps_alive_ = false;
  const HttpRules& rules = site_->rules();
  const unsigned status = response.status;
  write_http(connection_->out(), response,
             {.to_head = to_head_,
              .keeps_alive = keeps_alive_,
              .to_1_0 = to_1_0_,
              .may_compress = rules.compress,
              .takes_gzip = takes_gzip_,
              .server = rules.server_name,
              .now = owner_.worker().clock().wall()});
  log_debug("http_answered", {{"status", status}});
}

// Behind an answer.
void HttpConnection::await_next() {
  reader_.reset();
  found_ = {};
  if (unread_.empty()) std::string{}.swap(unread_);
  if (!keeps_alive_) return close_behind_answers();
  enter(Phase::idle);
  owner_.is_free(*this);
}

void HttpConnection::refuse(unsigned status, std::string_view why) {
  if (logs_at(LogLevel::debug, LogWord{"http_refused"}.place))
    log_debug("http_refused", {{"from", visitor_.peer.ip.text()}, {"status", status}, {"error", why}});
  keeps_alive_ = false;
  to_head_ = false;
  send(HttpResponse::plain(status));
  close_behind_answers();
}

void HttpConnection::close_behind_answers() {
  reader_.reset();
  std::string{}.swap(unread_);
  enter(Phase::closing);
  connection_->finish();
}

void HttpConnection::shut_down() {
  last_ = true;
  if (phase_ == Phase::idle || phase_ == Phase::head) close_behind_answers();
}

void HttpConnection::enter(Phase phase) {
  phase_ = phase;
  progress_ = phase == Phase::body ? 0 : waiting();
  set_timer();
}

void HttpConnection::set_timer() {
  const HttpRules& rules = site_->rules();
  const auto time = phase_ == Phase::idle      ? rules.idle_time
                    : phase_ == Phase::closing ? rules.closing_time
                                               : rules.request_time;
  if (phase_ == Phase::answering || phase_ == Phase::over) return timer_.cancel();
  timer_.set(
      owner_.worker().timers(), time, [](void* self) { static_cast<HttpConnection*>(self)->time_is_up(); }, this);
}

void HttpConnection::time_is_up() {
  const HttpRules& rules = site_->rules();
  const auto enough = [&](std::chrono::milliseconds time) {
    return static_cast<std::size_t>(std::chrono::duration_cast<std::chrono::seconds>(time).count()) * rules.slowest;
  };
  if (phase_ == Phase::body) {
    const std::size_t size = reader_->body_size();
    if (size < progress_ + enough(rules.request_time)) return refuse(408, "the body comes too slowly");
    progress_ = size;
    return set_timer();
  }
  if (const std::size_t left = waiting(); left > 0 && phase_ != Phase::head) {
    if (left + enough(phase_ == Phase::idle ? rules.idle_time : rules.closing_time) > progress_) return drop();
    progress_ = left;
    return set_timer();
  }
  if (phase_ == Phase::closing) return drop();
  // RFC 9110 §15.5.9: who has begun is told; who said nothing would take it for the answer to what it says next.
  if (phase_ == Phase::head && !unread_.empty()) return refuse(408, "the head comes too slowly");
  close_behind_answers();
}

void HttpConnection::ended(ConnectionEnd why) noexcept {
  if (why == ConnectionEnd::tls_failed) log_debug("http_tls_failed", {{"error", connection_->tls_failure()}});
  drop();
}

void HttpConnection::drop() noexcept {
  if (phase_ == Phase::over) return;
  if (connection_) connection_->abort();
  HttpExchange* const exchange = std::exchange(exchange_, nullptr);
  end();
  if (exchange == nullptr) return;
  exchange->connection = nullptr;
  exchange->asker.goes();
}

void HttpConnection::end() noexcept {
  phase_ = Phase::over;
  timer_.cancel();
  reader_.reset();
  visitor_.counted.reset();
  owner_.has_ended(*this);
}

}  // namespace meerkat
