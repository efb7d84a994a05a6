// SPDX-License-Identifier: Apache-2.0
// For tests: a connection between two workers, and the bare socket of its peer.
#pragma once

#include <doctest/doctest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "net/connection.h"
#include "runtime/worker.h"

namespace meerkat {

inline constexpr std::size_t much = 3 * 1024 * 1024;  // more than the kernel takes at once

inline std::string pattern(std::size_t size) {
  std::string text(size, '\0');
  for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>('a' + i % 23 + i / 4096 % 3);
  return text;
}

// Who speaks on the connection, and notes what happens.
struct Ear final : ConnectionUser {
  void received(std::string_view bytes) noexcept override {
    heard += bytes;
    if (then) then(bytes);
  }
  void secured() noexcept override { ++times_secured; }
  void ended(ConnectionEnd why) noexcept override { ends.push_back(why); }
  void flushed() noexcept override { ++flushes; }

  std::string heard;
  std::function<void(std::string_view)> then;
  std::vector<ConnectionEnd> ends;
  int times_secured = 0;
  int flushes = 0;
};

// A connection on the first of two workers, and the bare socket of its peer.
struct Scene {
  Scene() {
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends) == 0);
    peer = ends[1];
    connection = std::make_unique<Connection>(ends[0], ear);
    here.adopt_thread();
    connection->settle(here);
  }
  ~Scene() {
    for (Worker* worker : {&here, &there}) turn(*worker);  // no turn end may name the connection any more
    connection.reset();
    if (peer >= 0) ::close(peer);
  }

  static void turn(Worker& worker) {
    worker.adopt_thread();
    worker.turn(std::chrono::milliseconds{0});
  }
  void turn() { turn(here); }
  void moves() {
    connection->leave();
    turn(here);
    there.adopt_thread();
    connection->settle(there);
  }

  void peer_says(std::string_view bytes) const {
    REQUIRE(::send(peer, bytes.data(), bytes.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(bytes.size()));
  }
  // One read: nothing when nothing is there; `at_end` when there will be no more.
  std::string peer_reads(std::size_t at_most = 1 << 20) {
    std::string bytes(at_most, '\0');
    const ssize_t count = ::recv(peer, bytes.data(), bytes.size(), 0);
    at_end = count == 0;
    bytes.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
    return bytes;
  }
  // Reads and lets the worker write until neither brings anything.
  std::string peer_reads_all(Worker& worker) {
    std::string all;
    for (int quiet = 0; quiet < 3 && !at_end;) {
      const std::string more = peer_reads();
      quiet = more.empty() ? quiet + 1 : 0;
      all += more;
      turn(worker);
    }
    return all;
  }
  void peer_hangs_up() { ::close(std::exchange(peer, -1)); }

  TurnableClock clock;
  Worker here{0, 2, clock};
  Worker there{1, 2, clock};
  int ends[2] = {-1, -1};
  int peer = -1;
  bool at_end = false;
  Ear ear;
  std::unique_ptr<Connection> connection;
};

}  // namespace meerkat
