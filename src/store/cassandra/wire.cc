// SPDX-License-Identifier: Apache-2.0
#include "store/cassandra/wire.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <stdexcept>
#include <utility>

namespace meerkat::cassandra {
namespace {

// What a burst may leave behind; more is given back.
constexpr std::size_t largest_to_keep = 256 * 1024;

}  // namespace

void Wire::open(const CassandraServer& server, const std::optional<TlsClientSettings>& tls, SteadyTime until) {
  close();
  socket_.connect(server.host, server.port, until);
  if (tls) {
    // Made anew each time, so that renewed certificates are used.
    auto context = TlsContext::make(tls_options(*tls), TlsRole::client);
    if (!context) throw std::runtime_error{context.error()};
    socket_.start_tls(std::move(*context), tls->server_name(server.host), until);
  }
  heard_at_ = std::chrono::steady_clock::now();
}

void Wire::close() noexcept {
  socket_.close();
  reader_.clear();
  out_.clear();
}

std::string Wire::peer_address() const {
  ::sockaddr_storage peer{};
  ::socklen_t size = sizeof peer;
  if (::getpeername(socket_.descriptor(), reinterpret_cast<::sockaddr*>(&peer), &size) != 0) return {};
  std::array<char, INET6_ADDRSTRLEN> text{};
  ::sockaddr_in four{};
  ::sockaddr_in6 six{};
  std::memcpy(&four, &peer, sizeof four);
  std::memcpy(&six, &peer, sizeof six);
  if (peer.ss_family == AF_INET) ::inet_ntop(AF_INET, &four.sin_addr, text.data(), text.size());
  if (peer.ss_family == AF_INET6) ::inet_ntop(AF_INET6, &six.sin6_addr, text.data(), text.size());
  return text.data();
}

void Wire::flush(SteadyTime until) {
  if (out_.empty()) return;
  socket_.write(out_, until);
  sent_ += out_.size();
  out_.clear();
  if (out_.capacity() > largest_to_keep) out_.shrink_to_fit();
}

bool Wire::read_what_is_there() {
  bool ended = false;
  const std::size_t count = socket_.read_now(bytes_, ended);
  if (ended) throw std::runtime_error{"Cassandra closed the connection"};
  if (count == 0) return false;
  heard_at_ = std::chrono::steady_clock::now();
  received_ += count;
  reader_.feed({bytes_.data(), count});
  return true;
}

bool Wire::listen(SteadyTime until, int other) {
  // TLS may have kept something that no poll would tell of.
  if (read_what_is_there()) return true;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
  std::array<::pollfd, 2> watched{{{socket_.descriptor(), POLLIN, 0}, {other, POLLIN, 0}}};
  const int ready =
      ::poll(watched.data(), watched.size(), static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, 3'600'000)));
  if (ready < 0 && errno != EINTR) throw std::runtime_error{"poll failed on the connection to Cassandra"};
  return watched[0].revents != 0 && read_what_is_there();
}

}  // namespace meerkat::cassandra
