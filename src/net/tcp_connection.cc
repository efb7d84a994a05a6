// SPDX-License-Identifier: Apache-2.0
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

#include "base/check.h"
#include "net/connection.h"
#include "net/ip_address.h"

namespace meerkat {

Connection::Connection(int descriptor, ConnectionUser& user) : user_(&user), descriptor_(descriptor) {}

Connection::~Connection() { abort(); }

void Connection::settle(Worker& here) {
  check(Worker::current() == &here, "a connection settles on the calling worker");
  worker_ = &here;
  if (!open()) return;
  interest_ = interest_wanted();
  here.loop().watch(descriptor_, *this, interest_);
  watched_ = true;
}

void Connection::leave() noexcept {
  if (watched_) worker_->loop().forget(descriptor_);
  watched_ = false;
}

void Connection::start_tls(std::shared_ptr<const TlsContext> context) {
  flush();
  tls_ = std::make_unique<TlsSession>(std::move(context));
}

void Connection::start_tls_as_client(std::shared_ptr<const TlsContext> context, const std::string& name) {
  start_tls(std::move(context));
  tls_->ask_for_server(name);
  std::string& wire = worker_->buffers().sealed();
  wire.clear();
  tls_->start(wire);
  send_now(wire);
}

std::string& Connection::out() {
  if (!out_) {
    out_ = worker_->buffers().borrow();
    worker_->at_turn_end(*this);
  }
  return *out_;
}

std::size_t Connection::waiting() const { return (out_ ? out_->size() : 0) + (kept_ ? kept_->size() - kept_sent_ : 0); }

bool Connection::peer_has_all() const {
  int unacknowledged = 0;
  return waiting() == 0 && open() && ::ioctl(descriptor_, SIOCOUTQ, &unacknowledged) == 0 && unacknowledged == 0;
}

bool Connection::has_unread() const {
  int unread = 0;
  return open() && ::ioctl(descriptor_, FIONREAD, &unread) == 0 && unread > 0;
}

void Connection::pause_reading() {
  reading_ = false;
  wish(interest_wanted());
}

void Connection::resume_reading() {
  reading_ = true;
  wish(interest_wanted());
}

void Connection::finish() {
  if (finishing_ || !open()) return;
  finishing_ = true;
  reading_ = true;
  wish(interest_wanted());
  worker_->at_turn_end(*this);
}

void Connection::abort() noexcept {
  if (descriptor_ < 0) return;
  leave();
  ::close(descriptor_);
  descriptor_ = -1;
  ended_ = true;
  out_.reset();
  kept_.reset();
  // OpenSSL's memory at once, not at the end of the turn: hundreds of handshakes may be broken off within one.
  if (tls_ && !tls_->established()) tls_.reset();
}

std::string Connection::peer_address() const {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  if (!open() || ::getpeername(descriptor_, reinterpret_cast<sockaddr*>(&address), &size) != 0) return {};
  return PeerAddress::of(address).ip.text();
}

void Connection::ready(Readiness what) noexcept {
  if (ended_) return;
  if (what.write && kept_) send_kept();
  if (ended_) return;
  if (what.read && reading_) return read_once();
  if (what.hang_up && (!what.read || finishing_)) end(ConnectionEnd::reset);
}

void Connection::read_once() {
  const std::span<char> whole = worker_->buffers().read();
  const std::span<char> buffer = whole.first(std::min<std::size_t>(whole.size(), most_per_read_));
  const ssize_t count = ::recv(descriptor_, buffer.data(), buffer.size(), 0);
  if (count == 0) return end(ConnectionEnd::closed_by_peer);
  if (count < 0) {
    if (errno != EAGAIN && errno != EINTR) end(ConnectionEnd::reset);
    return;
  }
  if (finishing_) return;  // too late to be heard
  const std::string_view bytes{buffer.data(), static_cast<std::size_t>(count)};
  if (tls_) return open_records(bytes);
  user_->received(bytes);
}

void Connection::open_records(std::string_view bytes) {
  std::string& opened = worker_->buffers().opened();
  std::string& wire = worker_->buffers().sealed();
  opened.clear();
  wire.clear();
  const TlsSession::Status status = tls_->receive(bytes, opened, wire);
  if (!wire.empty() && !send_now(wire)) return;
  if (!tls_->established() && status == TlsSession::Status::ok) return user_->shaking_hands();
  if (tls_->established() && !secured_) {
    secured_ = true;
    user_->secured();
  }
  if (!opened.empty() && !ended_ && !finishing_) user_->received(opened);
  if (ended_ || status == TlsSession::Status::ok) return;
  if (status == TlsSession::Status::closed) flush();
  if (!ended_) end(status == TlsSession::Status::closed ? ConnectionEnd::closed_by_peer : ConnectionEnd::tls_failed);
}

void Connection::turn_ended() noexcept {
  if (ended_) return;
  if (out_) user_->leaving();
  flush();
  if (!ended_) user_->flushed();
}

void Connection::flush() {
  if (out_ && !ended_) {
    std::unique_ptr<std::string> content = std::move(out_);
    if (!tls_) {
      user_->sent(content->size());
      send_now(*content);
    } else if (tls_->established()) {
      user_->sent(content->size());
      std::string& wire = worker_->buffers().sealed();
      wire.clear();
      tls_->send(*content, wire);
      send_now(wire);
    }  // A peer that has not shaken hands cannot be told anything, not even goodbye.
    worker_->buffers().give_back(std::move(content));
  }
  if (finishing_ && !kept_ && !ended_) say_goodbye();
}

bool Connection::send_now(std::string_view wire) {
  if (!kept_) {
    const ssize_t sent = ::send(descriptor_, wire.data(), wire.size(), MSG_NOSIGNAL);
    if (sent == static_cast<ssize_t>(wire.size())) return true;
    if (sent < 0 && errno != EAGAIN && errno != EINTR) {
      end(ConnectionEnd::reset);
      return false;
    }
    kept_ = worker_->buffers().borrow();
    kept_sent_ = 0;
    if (sent > 0) wire.remove_prefix(static_cast<std::size_t>(sent));
  }
  kept_->append(wire);
  wish(interest_wanted());
  return true;
}

void Connection::send_kept() {
  const std::string_view rest = std::string_view{*kept_}.substr(kept_sent_);
  const ssize_t sent = ::send(descriptor_, rest.data(), rest.size(), MSG_NOSIGNAL);
  if (sent < 0) {
    if (errno != EAGAIN && errno != EINTR) end(ConnectionEnd::reset);
    return;
  }
  kept_sent_ += static_cast<std::size_t>(sent);
  if (kept_sent_ == kept_->size()) {
    worker_->buffers().give_back(std::move(kept_));
    wish(interest_wanted());
    if (finishing_ && !out_) say_goodbye();
  } else if (kept_sent_ >= kept_->size() / 2) {
    kept_->erase(0, kept_sent_);
    kept_sent_ = 0;
  }
  if (!ended_) user_->flushed();
}

// FIN leaves behind close_notify, which the kernel may refuse for a while: then this is called once more.
void Connection::say_goodbye() {
  if (!said_goodbye_ && tls_) {
    std::string& wire = worker_->buffers().sealed();
    wire.clear();
    tls_->close(wire);
    if (!wire.empty() && !send_now(wire)) return;
  }
  said_goodbye_ = true;
  if (!kept_) ::shutdown(descriptor_, SHUT_WR);
}

void Connection::wish(Interest interest) {
  if (interest == interest_) return;
  interest_ = interest;
  if (watched_) worker_->loop().change(descriptor_, *this, interest);
}

Interest Connection::interest_wanted() const {
  if (kept_) return reading_ ? Interest::both : Interest::write;
  return reading_ ? Interest::read : Interest::none;
}

void Connection::end(ConnectionEnd why) {
  if (ended_) return;
  ended_ = true;
  leave();
  out_.reset();
  kept_.reset();
  user_->ended(why);
}

}  // namespace meerkat
