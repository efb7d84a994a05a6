// SPDX-License-Identifier: Apache-2.0
// Test support: a Cassandra of a few lines on a port of its own, which answers what the test says.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <list>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "store/cassandra/body.h"
#include "store/cassandra/cassandra_options.h"
#include "store/cassandra/protocol.h"
#include "store/cassandra/test_answers.h"

namespace meerkat::cassandra {

// A request as it came: QUERY, PREPARE and EXECUTE with the text of their statement.
struct Asked {
  Opcode opcode = Opcode::error;
  std::int16_t stream = 0;
  std::string body;
  std::string text;
};

class TestCassandra {
 public:
  // What is sent for a request; runs on the server's thread. Nothing: the usual answer is not given either.
  using Answer = std::function<std::string(const Asked&)>;

  explicit TestCassandra(Answer answer = usual) : answer_(std::move(answer)) {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ::sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ::bind(listener_, reinterpret_cast<const ::sockaddr*>(&address), sizeof address);
    ::listen(listener_, 16);
    ::socklen_t size = sizeof address;
    ::getsockname(listener_, reinterpret_cast<::sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread{[this] { run(); }};
  }
  ~TestCassandra() {
    stopping_ = true;
    thread_.join();
    ::close(listener_);
  }
  TestCassandra(const TestCassandra&) = delete;
  TestCassandra& operator=(const TestCassandra&) = delete;

  CassandraServer server() const { return {"127.0.0.1", port_}; }
  std::uint16_t port() const { return port_; }
  // Says something unasked to everybody.
  void tell(const std::string& bytes) {
    const std::lock_guard lock{mutex_};
    for (const Peer& peer : peers_) send(peer.socket, bytes);
  }
  // Ends all connections.
  void hang_up() {
    const std::lock_guard lock{mutex_};
    for (const Peer& peer : peers_) ::shutdown(peer.socket, SHUT_RDWR);
  }
  // How often a request with this text, or of this kind, has come.
  std::size_t times(std::string_view text) const {
    const std::lock_guard lock{mutex_};
    std::size_t sum = 0;
    for (const Asked& asked : all_) sum += asked.text == text ? 1 : 0;
    return sum;
  }
  std::size_t times(Opcode opcode) const {
    const std::lock_guard lock{mutex_};
    std::size_t sum = 0;
    for (const Asked& asked : all_) sum += asked.opcode == opcode ? 1 : 0;
    return sum;
  }

  // Lets everybody in, prepares everything, and answers each question with its text.
  static std::string usual(const Asked& asked) {
    switch (asked.opcode) {
      case Opcode::startup:
      case Opcode::register_events:
        return say::frame(Opcode::ready, asked.stream, "");
      case Opcode::options:
        return say::frame(Opcode::supported, asked.stream, std::string(2, '\0'));
      case Opcode::prepare: {
        std::size_t places = 0;
        for (const char character : asked.text) places += character == '?' ? 1 : 0;
        return say::prepared(asked.stream, asked.text, places);
      }
      case Opcode::execute:
        return say::row(asked.stream, asked.text);
      default:
        return say::done(asked.stream);
    }
  }

 private:
  struct Peer {
    int socket = -1;
    std::string bytes;
  };

  static void send(int socket, const std::string& bytes) {
    for (std::size_t at = 0; at < bytes.size();) {
      const ::ssize_t count = ::send(socket, bytes.data() + at, bytes.size() - at, MSG_NOSIGNAL);
      if (count <= 0) return;
      at += static_cast<std::size_t>(count);
    }
  }

  void run() {
    while (!stopping_) {
      std::vector<::pollfd> watched{{listener_, POLLIN, 0}};
      for (const Peer& peer : peers_) watched.push_back({peer.socket, POLLIN, 0});
      ::poll(watched.data(), watched.size(), 10);
      auto peer = peers_.begin();
      for (std::size_t i = 1; i < watched.size(); ++i) {
        const auto next = std::next(peer);
        if (watched[i].revents != 0 && !reads(*peer)) {
          const std::lock_guard lock{mutex_};
          ::close(peer->socket);
          peers_.erase(peer);
        }
        peer = next;
      }
      if (watched[0].revents != 0) {
        const std::lock_guard lock{mutex_};
        peers_.push_back({::accept(listener_, nullptr, nullptr), {}});
      }
    }
    for (const Peer& peer : peers_) ::close(peer.socket);
  }

  bool reads(Peer& peer) {
    char bytes[4096];
    const ::ssize_t count = ::recv(peer.socket, bytes, sizeof bytes, 0);
    if (count <= 0) return false;
    peer.bytes.append(bytes, static_cast<std::size_t>(count));
    for (;;) {
      if (peer.bytes.size() < header_size) return true;
      BodyReader header{std::string_view{peer.bytes}.substr(2)};
      Asked asked;
      asked.stream = static_cast<std::int16_t>(header.take_short());
      asked.opcode = static_cast<Opcode>(header.take_byte());
      const auto length = static_cast<std::size_t>(header.take_int());
      if (peer.bytes.size() < header_size + length) return true;
      asked.body = peer.bytes.substr(header_size, length);
      peer.bytes.erase(0, header_size + length);
      BodyReader body{asked.body};
      if (asked.opcode == Opcode::query || asked.opcode == Opcode::prepare) asked.text = *body.take_bytes();
      if (asked.opcode == Opcode::execute) asked.text = body.take_short_bytes();
      {
        const std::lock_guard lock{mutex_};
        all_.push_back(asked);
      }
      send(peer.socket, answer_(asked));
    }
  }

  const Answer answer_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  mutable std::mutex mutex_;
  std::list<Peer> peers_;  // changed by the thread alone, under the mutex
  std::vector<Asked> all_;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace meerkat::cassandra
