// SPDX-License-Identifier: Apache-2.0
// A listening socket of one worker. Every worker has its own on the same port (SO_REUSEPORT), and the kernel spreads
// the connections.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "net/ip_address.h"
#include "runtime/worker.h"

namespace meerkat {

struct ListenAddress {
  std::string ip = "0.0.0.0";
  std::uint16_t port = 0;
  int backlog = 1024;
};

// Opens a non-blocking listening socket; port 0 lets the kernel choose. The error says what to do.
std::expected<int, std::string> open_listening_socket(const ListenAddress& address);
// Our own sockets share the port, so those of another server of the same user would go unnoticed: asked once, before
// the first is opened.
std::expected<void, std::string> port_is_free(const ListenAddress& address);
// The port that a listening socket got.
std::uint16_t port_of(int descriptor);
// What open_listening_socket sets, for a socket that somebody else opened.
void set_listening_options(int descriptor);
// Whether the socket is bound to this address; one for all addresses of both kinds ([::]) also is 0.0.0.0.
bool listens_on(int descriptor, const ListenAddress& address);
// "192.0.2.1:5222", "[::]:5222".
std::string address_of(int descriptor);

// Who takes the connections. The descriptor is non-blocking, without delay (TCP_NODELAY), and the taker's own.
class ConnectionTaker {
 public:
  virtual void accepted(int descriptor, const PeerAddress& peer) noexcept = 0;
  // One was closed before it could be taken, with the reason in words (see ProxyDoor).
  virtual void refused(const PeerAddress&, std::string_view) noexcept {}

 protected:
  ~ConnectionTaker() = default;
};

// Accepts on one worker until it is destroyed there. When descriptors run out it pauses for a while, again and
// again, and says once that it began and once that it is over: when none was missed for a second.
class Listener final : Watched {
 public:
  // Takes the listening descriptor.
  Listener(Worker& here, int descriptor, ConnectionTaker& taker);
  ~Listener();

  // How many connections may wait to be accepted from now on.
  void set_backlog(int backlog) noexcept;
  // Another descriptor of the same socket, whoever waits in it included; negative when there is none left.
  int duplicate() const noexcept;

 private:
  void ready(Readiness what) noexcept override;
  void pause(int error);
  void go_on();
  void await_calm();
  void calm_passed();

  Worker& worker_;
  ConnectionTaker& taker_;
  int descriptor_;
  bool out_of_descriptors_ = false;
  Timer pause_;  // one of the two is set while out_of_descriptors_
  Timer calm_;
};

}  // namespace meerkat
