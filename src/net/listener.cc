// SPDX-License-Identifier: Apache-2.0
#include "net/listener.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include <fmt/format.h>

#include "base/log.h"

namespace meerkat {
namespace {

constexpr int most_accepts_per_turn = 64;
constexpr auto pause_without_descriptors = std::chrono::milliseconds{200};
// At the limit descriptors come and go; the distress is over only when none was missed for this long.
constexpr auto calm_again = std::chrono::seconds{1};

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;
};

std::expected<SocketAddress, std::string> socket_address(const ListenAddress& address) {
  SocketAddress result;
  auto& v4 = reinterpret_cast<sockaddr_in&>(result.storage);
  auto& v6 = reinterpret_cast<sockaddr_in6&>(result.storage);
  if (::inet_pton(AF_INET, address.ip.c_str(), &v4.sin_addr) == 1) {
    v4.sin_family = AF_INET;
    v4.sin_port = htons(address.port);
    result.size = sizeof(sockaddr_in);
    return result;
  }
  if (::inet_pton(AF_INET6, address.ip.c_str(), &v6.sin6_addr) == 1) {
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(address.port);
    result.size = sizeof(sockaddr_in6);
    return result;
  }
  return std::unexpected(fmt::format("\"{}\" is not an IP address", address.ip));
}

std::string advice(int error) {
  switch (error) {
    case EADDRINUSE:
      return "another program listens there; stop it or choose another port";
    case EACCES:
      return "ports below 1024 need root or the capability CAP_NET_BIND_SERVICE";
    case EADDRNOTAVAIL:
      return "this machine does not have that address";
    default:
      return std::strerror(error);
  }
}

SocketAddress bound_to(int descriptor) {
  SocketAddress address;
  address.size = sizeof address.storage;
  if (::getsockname(descriptor, reinterpret_cast<sockaddr*>(&address.storage), &address.size) != 0) return {};
  return address;
}

void set(int descriptor, int level, int option, int value) {
  ::setsockopt(descriptor, level, option, &value, sizeof value);
}

}  // namespace

std::expected<int, std::string> open_listening_socket(const ListenAddress& address) {
  const auto where = socket_address(address);
  if (!where) return std::unexpected(where.error());
  const int descriptor = ::socket(where->storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return std::unexpected(fmt::format("no socket: {}", std::strerror(errno)));
  set(descriptor, SOL_SOCKET, SO_REUSEADDR, 1);
  set(descriptor, SOL_SOCKET, SO_REUSEPORT, 1);
  set_listening_options(descriptor);
  const auto* const name = reinterpret_cast<const sockaddr*>(&where->storage);
  if (::bind(descriptor, name, where->size) == 0 && ::listen(descriptor, address.backlog) == 0) return descriptor;
  const int error = errno;
  ::close(descriptor);
  return std::unexpected(fmt::format("cannot listen on {}:{}: {}", address.ip, address.port, advice(error)));
}

std::expected<void, std::string> port_is_free(const ListenAddress& address) {
  const auto where = socket_address(address);
  if (!where) return std::unexpected(where.error());
  const int probe = ::socket(where->storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (probe < 0) return std::unexpected(fmt::format("no socket: {}", std::strerror(errno)));
  set(probe, SOL_SOCKET, SO_REUSEADDR, 1);
  const bool free = ::bind(probe, reinterpret_cast<const sockaddr*>(&where->storage), where->size) == 0;
  const int error = errno;
  ::close(probe);
  if (free) return {};
  return std::unexpected(fmt::format("cannot listen on {}:{}: {}", address.ip, address.port, advice(error)));
}

void set_listening_options(int descriptor) {
  // Accepted sockets inherit these. A peer that is gone without a word is noticed within minutes.
  set(descriptor, IPPROTO_TCP, TCP_NODELAY, 1);
  set(descriptor, SOL_SOCKET, SO_KEEPALIVE, 1);
  set(descriptor, IPPROTO_TCP, TCP_KEEPIDLE, 300);
  set(descriptor, IPPROTO_TCP, TCP_KEEPINTVL, 60);
  set(descriptor, IPPROTO_TCP, TCP_KEEPCNT, 3);
  set(descriptor, IPPROTO_TCP, TCP_USER_TIMEOUT, 120'000);
}

std::uint16_t port_of(int descriptor) {
  const SocketAddress address = bound_to(descriptor);
  const auto* const name = reinterpret_cast<const sockaddr_in*>(&address.storage);
  // The port stands at the same place in both.
  return name->sin_family == AF_INET || name->sin_family == AF_INET6 ? ntohs(name->sin_port) : 0;
}

bool listens_on(int descriptor, const ListenAddress& address) {
  const SocketAddress bound = bound_to(descriptor);
  const auto wanted = socket_address(address);
  if (!wanted || port_of(descriptor) != address.port) return false;
  const auto& its_v4 = reinterpret_cast<const sockaddr_in&>(bound.storage);
  const auto& its_v6 = reinterpret_cast<const sockaddr_in6&>(bound.storage);
  const auto& v4 = reinterpret_cast<const sockaddr_in&>(wanted->storage);
  const auto& v6 = reinterpret_cast<const sockaddr_in6&>(wanted->storage);
  if (bound.storage.ss_family == AF_INET)
    return wanted->storage.ss_family == AF_INET && its_v4.sin_addr.s_addr == v4.sin_addr.s_addr;
  if (wanted->storage.ss_family == AF_INET)
    return v4.sin_addr.s_addr == INADDR_ANY && IN6_IS_ADDR_UNSPECIFIED(&its_v6.sin6_addr);
  return IN6_ARE_ADDR_EQUAL(&its_v6.sin6_addr, &v6.sin6_addr);
}

std::string address_of(int descriptor) {
  const SocketAddress bound = bound_to(descriptor);
  std::array<char, INET6_ADDRSTRLEN> text{};
  const bool is_v4 = bound.storage.ss_family == AF_INET;
  const void* const ip = is_v4 ? static_cast<const void*>(&reinterpret_cast<const sockaddr_in&>(bound.storage).sin_addr)
                               : &reinterpret_cast<const sockaddr_in6&>(bound.storage).sin6_addr;
  if (::inet_ntop(bound.storage.ss_family, ip, text.data(), text.size()) == nullptr) return "no address";
  const std::string_view host = text.data();
  return is_v4 ? fmt::format("{}:{}", host, port_of(descriptor)) : fmt::format("[{}]:{}", host, port_of(descriptor));
}

Listener::Listener(Worker& here, int descriptor, ConnectionTaker& taker)
    : worker_(here), taker_(taker), descriptor_(descriptor) {
  worker_.loop().watch(descriptor_, *this, Interest::read);
}

Listener::~Listener() {
  worker_.loop().forget(descriptor_);
  ::close(descriptor_);
}

void Listener::set_backlog(int backlog) noexcept { ::listen(descriptor_, backlog); }

int Listener::duplicate() const noexcept { return ::fcntl(descriptor_, F_DUPFD_CLOEXEC, 0); }

void Listener::ready(Readiness) noexcept {
  for (int i = 0; i < most_accepts_per_turn; ++i) {
    sockaddr_storage peer{};
    socklen_t size = sizeof peer;
    const int connection =
        ::accept4(descriptor_, reinterpret_cast<sockaddr*>(&peer), &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (connection >= 0) {
      taker_.accepted(connection, PeerAddress::of(peer));
      continue;
    }
    if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) pause(errno);
    if (errno != ECONNABORTED && errno != EINTR) return;
  }
}

void Listener::pause(int error) {
  if (!out_of_descriptors_)
    log_error("no_descriptors_left", {{"error", std::strerror(error)}, {"now", "new connections wait"}});
  out_of_descriptors_ = true;
  calm_.cancel();
  worker_.loop().change(descriptor_, *this, Interest::none);
  pause_.set(
      worker_.timers(), pause_without_descriptors, [](void* self) { static_cast<Listener*>(self)->go_on(); }, this);
}

void Listener::go_on() {
  worker_.loop().change(descriptor_, *this, Interest::read);
  await_calm();
}

void Listener::await_calm() {
  calm_.set(worker_.timers(), calm_again, [](void* self) { static_cast<Listener*>(self)->calm_passed(); }, this);
}

void Listener::calm_passed() {
  const int probe = duplicate();
  if (probe < 0) {
    await_calm();
    return;
  }
  ::close(probe);
  out_of_descriptors_ = false;
  log_notice("descriptors_available", {{"now", "new connections are taken"}});
}

}  // namespace meerkat
