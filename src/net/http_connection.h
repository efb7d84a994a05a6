// SPDX-License-Identifier: Apache-2.0
// One client of an HTTP listener: reads its requests one after the other, has them answered, and writes the answers in
// that order (RFC 9112 §9.3). Keeps to the times and sizes of its site.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "net/connection.h"
#include "net/http_reader.h"
#include "net/http_site.h"
#include "runtime/scope.h"
#include "runtime/timer.h"

namespace meerkat {

class HttpConnection;
struct HttpExchange;

// Who has the connections of one worker.
class HttpOwner {
 public:
  virtual Worker& worker() = 0;
  // Answers are waited for there; it ends after the connections.
  virtual Scope& scope() = 0;
  // It waits for a request, or reads one; it has one answered. In turn, beginning with the first.
  virtual void is_free(HttpConnection& connection) noexcept = 0;
  virtual void is_busy(HttpConnection& connection) noexcept = 0;
  // It is over; the owner buries it. Called once.
  virtual void has_ended(HttpConnection& connection) noexcept = 0;

 protected:
  ~HttpOwner() = default;
};

// Where a connection comes from, and what ends with it.
struct HttpVisitor {
  PeerAddress peer;
  std::shared_ptr<const TlsContext> tls;  // null: in the clear
  std::shared_ptr<void> counted;          // kept as long as it is open, for the limits
};

class HttpConnection final : ConnectionUser {
 public:
  HttpConnection(int descriptor, HttpOwner& owner, std::shared_ptr<HttpSite> site, HttpVisitor visitor);
  ~HttpConnection();
  HttpConnection(const HttpConnection&) = delete;
  HttpConnection& operator=(const HttpConnection&) = delete;

  void start();
  // What is under way is answered, and that is the end.
  void shut_down();
  // At once; `has_ended` is called.
  void drop() noexcept;

  // What it holds of the peer's bytes, and of ours that the peer has not taken.
  std::size_t held() const;
  std::size_t waiting() const { return connection_ ? connection_->waiting() : 0; }
  // Somebody waits for an answer, or takes one.
  bool is_at_work() const { return phase_ == Phase::body || phase_ == Phase::answering || waiting() > 0; }
  const std::shared_ptr<HttpSite>& site() const { return site_; }
  const PeerAddress& peer() const { return visitor_.peer; }

 private:
  friend struct HttpExchange;
  enum class Phase : std::uint8_t { idle, head, body, answering, closing, over };

  void received(std::string_view bytes) noexcept override;
  void secured() noexcept override {}
  void ended(ConnectionEnd why) noexcept override;
  void flushed() noexcept override;

  void go_on() noexcept;
  bool step();
  void judge();
  void refuse(unsigned status, std::string_view why);
  void send(HttpResponse&& response);
  void begin_answer();
  void answered(HttpResponse&& response);
  void hand_over(HttpResponse&& response);
  void await_next();
  void enter(Phase phase);
  void set_timer();
  void time_is_up();
  void close_behind_answers();
  void end() noexcept;
  bool may_write_more() const;

  HttpOwner& owner_;
  const std::shared_ptr<HttpSite> site_;
  HttpVisitor visitor_;
  std::unique_ptr<Connection> connection_;
  std::unique_ptr<HttpReader> reader_;  // of the request that is being read
  std::string unread_;
  HttpExchange* exchange_ = nullptr;  // the answer that is under way
  HttpSite::Found found_;
  Phase phase_ = Phase::idle;
  bool keeps_alive_ = true, to_1_0_ = false, to_head_ = false, takes_gzip_ = false;
  bool going_on_ = false, last_ = false;
  std::size_t progress_ = 0;  // of a body, or of an answer, when it was last looked at
  Timer timer_;
};

}  // namespace meerkat
