// SPDX-License-Identifier: Apache-2.0
// Bytes in and bytes out of one TCP connection, with or without TLS, on the worker where it lives at the moment.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "net/tls_session.h"
#include "runtime/worker.h"

namespace meerkat {

enum class ConnectionEnd : std::uint8_t {
  closed_by_peer,  // FIN, or close_notify
  reset,           // RST, time-out of the kernel, or an error of the network
  tls_failed,      // Connection::tls_failure tells
};

// Who speaks the protocol on a connection. Called on the connection's worker; may not destroy the connection inside a
// call, but bury it (Worker::bury).
class ConnectionUser {
 public:
  // `bytes` lie in a buffer of the worker, until this call returns.
  virtual void received(std::string_view bytes) noexcept = 0;
  // Bytes of a handshake have come, and it is not over.
  virtual void shaking_hands() noexcept {}
  // The handshake is over; bindings and peer certificate can be asked for.
  virtual void secured() noexcept {}
  // Once. The connection reads and writes nothing more.
  virtual void ended(ConnectionEnd why) noexcept = 0;
  // What was written is about to leave; more can be written, which leaves with it.
  virtual void leaving() noexcept {}
  // So many bytes, not encrypted yet, leave or are kept until the kernel takes them.
  virtual void sent(std::size_t /*bytes*/) noexcept {}
  // After a flush: all that was written has been taken by the kernel, or the peer is slow (see `waiting`).
  virtual void flushed() noexcept {}

 protected:
  ~ConnectionUser() = default;
};

// Owns the descriptor. Idle, it owns no buffer. Written bytes are collected and leave in one write per turn.
class Connection final : Watched, TurnEnd {
 public:
  // Takes the descriptor, which must be non-blocking.
  Connection(int descriptor, ConnectionUser& user);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Lives on `here` from now on, which must be the calling worker. Throws std::system_error when the kernel refuses.
  void settle(Worker& here);
  // Leaves its worker; what was written still leaves at the end of the turn. Then `settle` elsewhere.
  void leave() noexcept;

  // Somebody else speaks on it from now on.
  void serve(ConnectionUser& user) { user_ = &user; }

  // From now on everything is TLS, as the server; the peer speaks first.
  void start_tls(std::shared_ptr<const TlsContext> context);
  // The same as the client, which speaks first: asks for the server `name` (SNI). Write again after `secured`.
  void start_tls_as_client(std::shared_ptr<const TlsContext> context, const std::string& name);
  const TlsSession* tls() const { return tls_.get(); }
  std::string tls_failure() const { return tls_ ? tls_->failure() : std::string{}; }

  // The bytes that leave at the end of this turn: append to it.
  std::string& out();
  void write(std::string_view bytes) { out().append(bytes); }
  // Bytes that were written and that the kernel has not taken.
  std::size_t waiting() const;
  // Whether the peer's TCP has acknowledged all that was written (one system call).
  bool peer_has_all() const;
  // Whether the kernel holds bytes of the peer that were not read (one system call).
  bool has_unread() const;

  // Reading stops, and so does the peer when the kernel's buffers are full.
  void pause_reading();
  void resume_reading();
  bool reading() const { return reading_; }
  // No single read brings more bytes (of TLS, if it is on), nor less than one. Any number at first.
  static constexpr std::size_t any_number = UINT32_MAX;
  void read_at_most(std::size_t bytes) {
    most_per_read_ = static_cast<std::uint32_t>(std::clamp<std::size_t>(bytes, 1, any_number));
  }
  std::size_t most_per_read() const { return most_per_read_; }

  // After what was written has left: close_notify, FIN. `received` is not called any more; `ended` comes when the peer
  // closes too, or never: `abort` after a while.
  void finish();
  bool finishing() const { return finishing_; }
  // Closes now. `ended` is not called.
  void abort() noexcept;
  bool open() const { return descriptor_ >= 0; }

  // "192.0.2.1"; empty when the peer is gone already. Behind a proxy, that of the proxy.
  std::string peer_address() const;
  int descriptor() const { return descriptor_; }

 private:
  void ready(Readiness what) noexcept override;
  void turn_ended() noexcept override;

  void read_once();
  void open_records(std::string_view bytes);
  void flush();
  void seal(std::string& wire);
  bool send_now(std::string_view wire);
  void send_kept();
  void say_goodbye();
  void wish(Interest interest);
  Interest interest_wanted() const;
  void end(ConnectionEnd why);

  ConnectionUser* user_;
  Worker* worker_ = nullptr;
  std::unique_ptr<TlsSession> tls_;
  std::unique_ptr<std::string> out_;   // written, not sealed yet
  std::unique_ptr<std::string> kept_;  // on the wire's side of TLS, refused by the kernel so far
  std::size_t kept_sent_ = 0;
  int descriptor_;
  std::uint32_t most_per_read_ = any_number;
  Interest interest_ = Interest::read;
  bool watched_ = false;
  bool reading_ = true;
  bool finishing_ = false;
  bool said_goodbye_ = false;
  bool ended_ = false;
  bool secured_ = false;
};

}  // namespace meerkat
