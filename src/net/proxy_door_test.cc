// SPDX-License-Identifier: Apache-2.0
#include "net/proxy_door.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>
#include <vector>

using namespace meerkat;
using namespace std::chrono_literals;

namespace {

struct Hall final : ConnectionTaker {
  ~Hall() {
    for (const int descriptor : taken) ::close(descriptor);
  }
  void accepted(int descriptor, const PeerAddress& peer) noexcept override {
    taken.push_back(descriptor);
    from.push_back(peer.ip.text());
  }
  void refused(const PeerAddress&, std::string_view why) noexcept override { reasons.emplace_back(why); }

  std::vector<int> taken;
  std::vector<std::string> from, reasons;
};

struct Scene {
  Scene() { worker.adopt_thread(); }
  ~Scene() {
    for (const int end : ends) ::close(end);
  }
  // A connection of a proxy; our end of it.
  int comes() {
    int pair[2];
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair) == 0);
    door.accepted(pair[0], {*IpAddress::parse("198.51.100.7"), 1});
    ends.push_back(pair[1]);
    return pair[1];
  }
  void says(int end, std::string_view bytes) {
    REQUIRE(::send(end, bytes.data(), bytes.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(bytes.size()));
    worker.turn(0ms);
  }

  TurnableClock clock;
  Worker worker{0, 1, clock};
  Hall hall;
  ProxyDoor door{worker, hall};
  std::vector<int> ends;
};

constexpr std::string_view header = "PROXY TCP4 192.0.2.1 198.51.100.2 56324 5222\r\n";

}  // namespace

TEST_CASE("behind a proxy a connection comes from where the proxy says, with every byte after the header") {
  Scene scene;
  const int end = scene.comes();

  scene.says(end, header.substr(0, 20));
  CHECK(scene.hall.taken.empty());
  scene.says(end, std::string{header.substr(20)} + "<stream");

  REQUIRE(scene.hall.taken.size() == 1);
  CHECK(scene.hall.from[0] == "192.0.2.1");
  char bytes[32];
  CHECK(std::string(bytes, static_cast<std::size_t>(::recv(scene.hall.taken[0], bytes, sizeof bytes, 0))) == "<stream");
  CHECK(scene.door.waiting() == 0);
}

TEST_CASE("a proxy that speaks for itself is the peer") {
  Scene scene;

  scene.says(scene.comes(), "PROXY UNKNOWN\r\n");

  CHECK(scene.hall.from == std::vector<std::string>{"198.51.100.7"});
}

TEST_CASE("a connection without a header, or with half of one, is closed") {
  Scene scene;
  const int stranger = scene.comes();
  const int slow = scene.comes();
  const int gone = scene.comes();

  scene.says(stranger, "<?xml version='1.0'?>");
  ::shutdown(gone, SHUT_WR);
  scene.says(slow, "PROXY ");
  CHECK(scene.door.waiting() == 1);
  scene.clock.advance(ProxyDoor::longest_wait + 10ms);
  scene.worker.turn(0ms);

  CHECK(scene.hall.taken.empty());
  CHECK(scene.hall.reasons.size() == 3);
  CHECK(scene.door.waiting() == 0);
  char byte;
  CHECK(::recv(stranger, &byte, 1, 0) <= 0);
}

TEST_CASE("of those who wait for their header the oldest goes when there are too many") {
  rlimit descriptors{};
  ::getrlimit(RLIMIT_NOFILE, &descriptors);
  descriptors.rlim_cur = descriptors.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &descriptors);
  Scene scene;
  for (std::size_t i = 0; i <= ProxyDoor::most_waiting; ++i) {
    ::close(scene.comes());  // descriptors are few
    scene.ends.pop_back();
  }

  CHECK(scene.door.waiting() == ProxyDoor::most_waiting);
  CHECK(scene.hall.reasons.size() == 1);
}
