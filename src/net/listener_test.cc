// SPDX-License-Identifier: Apache-2.0
#include "net/listener.h"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <vector>

#include "base/log.h"
#include "base/test_file_log.h"

using namespace meerkat;
using namespace std::chrono_literals;

namespace {

const ListenAddress loopback{.ip = "127.0.0.1", .port = 0, .backlog = 64};

struct Door final : ConnectionTaker {
  ~Door() {
    for (const int descriptor : taken) ::close(descriptor);
  }
  void accepted(int descriptor, const PeerAddress& peer) noexcept override {
    taken.push_back(descriptor);
    peers.push_back(peer);
  }

  std::vector<int> taken;
  std::vector<PeerAddress> peers;
};

// Connects, and returns when the kernel has put the connection in line to be accepted.
int connect_to(std::uint16_t port, int descriptor) {
  sockaddr_in where{.sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {htonl(INADDR_LOOPBACK)}, .sin_zero{}};
  REQUIRE(::connect(descriptor, reinterpret_cast<const sockaddr*>(&where), sizeof where) == 0);
  return descriptor;
}
int new_socket() { return ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0); }

void turn(Worker& worker) {
  worker.adopt_thread();
  worker.turn(std::chrono::milliseconds{0});
}
void pass(TurnableClock& clock, std::chrono::milliseconds time, Worker& worker) {
  clock.advance(time);
  for (int i = 0; i < 3; ++i) turn(worker);
}

// No more descriptors can be had while it lives. Nothing is logged either: without descriptors UBSan cannot look at the
// logger's memory, and takes it for broken.
class FewDescriptors {
 public:
  FewDescriptors() {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    const int highest = ::dup(0);
    ::close(highest);
    rlimit low = before_;
    low.rlim_cur = static_cast<rlim_t>(highest);
    REQUIRE(::setrlimit(RLIMIT_NOFILE, &low) == 0);
    set_log_level(LogLevel::none);
  }
  ~FewDescriptors() {
    ::setrlimit(RLIMIT_NOFILE, &before_);
    set_log_level(level_);
  }

 private:
  const LogLevel level_ = log_level();
  rlimit before_{};
};

std::string refusal(const ListenAddress& address) {
  const auto opened = open_listening_socket(address);
  REQUIRE_FALSE(opened.has_value());
  return opened.error();
}

}  // namespace

TEST_CASE("two workers listen on one port that the system chose, and every connection is taken by one of them") {
  TurnableClock clock;
  Worker a{0, 2, clock}, b{1, 2, clock};
  Door door_a, door_b;
  const int first = open_listening_socket(loopback).value();
  const std::uint16_t port = port_of(first);
  const int second = open_listening_socket({.ip = "127.0.0.1", .port = port}).value();
  const Listener at_a{a, first, door_a};
  const Listener at_b{b, second, door_b};
  CHECK(port != 0);
  CHECK(port_of(second) == port);

  std::vector<int> clients;
  for (int i = 0; i < 64; ++i) clients.push_back(connect_to(port, new_socket()));
  turn(a);
  turn(b);

  CHECK(door_a.taken.size() + door_b.taken.size() == 64);
  CHECK(door_a.taken.size() > 0);
  CHECK(door_b.taken.size() > 0);
  for (const int client : clients) ::close(client);
}

TEST_CASE("a connection that was taken does not block, does not delay, and is not inherited by other programs") {
  TurnableClock clock;
  Worker worker{0, 1, clock};
  Door door;
  const int descriptor = open_listening_socket(loopback).value();
  const Listener listener{worker, descriptor, door};
  const int client = connect_to(port_of(descriptor), new_socket());

  turn(worker);

  REQUIRE(door.taken.size() == 1);
  int no_delay = 0;
  socklen_t size = sizeof no_delay;
  ::getsockopt(door.taken[0], IPPROTO_TCP, TCP_NODELAY, &no_delay, &size);
  CHECK(no_delay == 1);
  CHECK((::fcntl(door.taken[0], F_GETFL) & O_NONBLOCK) != 0);
  CHECK((::fcntl(door.taken[0], F_GETFD) & FD_CLOEXEC) != 0);
  ::close(client);
}

TEST_CASE("IPv6 addresses can be listened on") {
  const auto opened = open_listening_socket({.ip = "::1"});
  if (!opened) return;  // a machine without IPv6

  CHECK(port_of(*opened) != 0);
  ::close(*opened);
}

TEST_CASE("what is no address is refused in words") {
  CHECK(refusal({.ip = "localhost", .port = 5222}) == "\"localhost\" is not an IP address");
}

TEST_CASE("an address of another machine is refused in words") {
  CHECK(refusal({.ip = "192.0.2.1", .port = 5222}) ==
        "cannot listen on 192.0.2.1:5222: this machine does not have that address");
}

TEST_CASE("a port that another program listens on is refused in words") {
  const int other = new_socket();
  sockaddr_in where{.sin_family = AF_INET, .sin_port = 0, .sin_addr = {htonl(INADDR_LOOPBACK)}, .sin_zero{}};
  REQUIRE(::bind(other, reinterpret_cast<const sockaddr*>(&where), sizeof where) == 0);
  REQUIRE(::listen(other, 1) == 0);
  const std::uint16_t port = port_of(other);

  const std::string words = refusal({.ip = "127.0.0.1", .port = port});

  CHECK(words == "cannot listen on 127.0.0.1:" + std::to_string(port) +
                     ": another program listens there; stop it or choose another port");
  ::close(other);
}

TEST_CASE("without descriptors connections wait, and are taken when there are some again") {
  TurnableClock clock;
  Worker worker{0, 1, clock};
  Door door;
  const int descriptor = open_listening_socket(loopback).value();
  const Listener listener{worker, descriptor, door};
  const int client = new_socket();
  connect_to(port_of(descriptor), client);

  {
    const FewDescriptors few;
    pass(clock, 0ms, worker);
    pass(clock, 1s, worker);
    CHECK(door.taken.empty());
  }
  pass(clock, 0ms, worker);
  CHECK(door.taken.empty());
  pass(clock, 1s, worker);

  CHECK(door.taken.size() == 1);
  ::close(client);
}

TEST_CASE("that there are descriptors again is said after a calm second, not after a short relief") {
  const FileLog log;
  TurnableClock clock;
  Worker worker{0, 1, clock};
  Door door;
  const int descriptor = open_listening_socket(loopback).value();
  const Listener listener{worker, descriptor, door};
  const std::vector<int> clients{new_socket(), new_socket(), new_socket()};
  for (const int client : clients) {
    connect_to(port_of(descriptor), client);
    {
      const FewDescriptors few;
      pass(clock, 0ms, worker);
    }
    pass(clock, 250ms, worker);
    pass(clock, 900ms, worker);
  }
  CHECK(door.taken.size() == 3);
  CHECK(log.count("descriptors_available") == 0);
  {
    const FewDescriptors few;  // and nobody who would miss one
    pass(clock, 200ms, worker);
  }
  pass(clock, 900ms, worker);
  CHECK(log.count("descriptors_available") == 0);

  pass(clock, 200ms, worker);
  pass(clock, 5s, worker);

  CHECK(log.count("descriptors_available") == 1);
  for (const int client : clients) ::close(client);
}
