// SPDX-License-Identifier: Apache-2.0
#include "net/inherited_sockets.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <cstdlib>
#include <set>
#include <string>

using namespace meerkat;

namespace {

// A listening socket at descriptor 3 and what systemd says of it, as a started service finds it.
class Activation {
 public:
  explicit Activation(const char* ip, const std::string& process = std::to_string(::getpid()))
      : kept_(::dup(first_)) {  // whoever has that number now gets it back
    const auto socket = open_listening_socket({.ip = ip, .port = 0});
    REQUIRE(socket.has_value());
    port_ = port_of(*socket);
    if (*socket != first_) {
      ::dup2(*socket, first_);
      ::close(*socket);
    }
    ::setenv("LISTEN_PID", process.c_str(), 1);
    ::setenv("LISTEN_FDS", "1", 1);
    ::setenv("LISTEN_FDNAMES", "meerkat.socket", 1);
  }
  ~Activation() {
    if (kept_ >= 0) ::dup2(kept_, first_);
    ::close(kept_ >= 0 ? kept_ : first_);
  }
  Activation(const Activation&) = delete;
  Activation& operator=(const Activation&) = delete;

  std::uint16_t port() const { return port_; }

 private:
  static constexpr int first_ = 3;
  const int kept_;
  std::uint16_t port_ = 0;
};

}  // namespace

TEST_CASE("an inherited socket is listened on where its address was configured, by every worker") {
  const Activation activation{"127.0.0.1"};
  auto sockets = InheritedSockets::from_environment();

  CHECK(sockets.take({.ip = "127.0.0.2", .port = activation.port()}, 2).empty());
  CHECK(sockets.left_over().size() == 1);
  const auto taken = sockets.take({.ip = "127.0.0.1", .port = activation.port()}, 2);

  CHECK(std::set<int>{taken.begin(), taken.end()}.size() == 2);
  for (const int descriptor : taken) CHECK(port_of(descriptor) == activation.port());
  CHECK(sockets.left_over().empty());
  for (const int descriptor : taken) ::close(descriptor);
}

TEST_CASE("a socket for all addresses of both kinds also stands for 0.0.0.0") {
  const Activation activation{"::"};
  auto sockets = InheritedSockets::from_environment();

  const auto taken = sockets.take({.ip = "0.0.0.0", .port = activation.port()}, 1);

  REQUIRE(taken.size() == 1);
  CHECK(address_of(taken[0]) == "[::]:" + std::to_string(activation.port()));
  ::close(taken[0]);
}

TEST_CASE("what nobody asked for is named, and the environment is taken only once") {
  const Activation activation{"127.0.0.1"};
  const auto sockets = InheritedSockets::from_environment();

  CHECK(sockets.left_over() ==
        std::vector<std::string>{"meerkat.socket (127.0.0.1:" + std::to_string(activation.port()) + ")"});
  CHECK(std::getenv("LISTEN_FDS") == nullptr);
  CHECK(InheritedSockets::from_environment().left_over().empty());
}

TEST_CASE("sockets that were meant for another process are left alone") {
  const Activation activation{"127.0.0.1", "1"};

  CHECK(InheritedSockets::from_environment().left_over().empty());
}
