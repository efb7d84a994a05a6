// SPDX-License-Identifier: Apache-2.0
#include "admin/bench/server_address.h"

#include <netdb.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace meerkat::bench {
namespace {

constexpr std::uint32_t loopback_network = 0x7f000000;  // 127.0.0.0/8
constexpr std::uint32_t first_source = 0x7f005801;      // 127.0.88.1
constexpr std::uint32_t sources = 16;
constexpr int longest_wait_ms = 5000;

const sockaddr_in& ipv4(const sockaddr_storage& address) { return reinterpret_cast<const sockaddr_in&>(address); }
const sockaddr_in6& ipv6(const sockaddr_storage& address) { return reinterpret_cast<const sockaddr_in6&>(address); }

}  // namespace

std::expected<ServerAddress, std::string> ServerAddress::parse(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0 || colon + 1 == text.size())
    return std::unexpected{"\"" + std::string{text} + "\" is not ADDRESS:PORT, e.g. 127.0.0.1:5222"};
  std::string host{text.substr(0, colon)};
  const std::string port{text.substr(colon + 1)};
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);

  addrinfo wanted{};
  wanted.ai_socktype = SOCK_STREAM;
  wanted.ai_flags = AI_NUMERICSERV;
  addrinfo* found = nullptr;
  if (const int problem = ::getaddrinfo(host.c_str(), port.c_str(), &wanted, &found); problem != 0)
    return std::unexpected{std::string{text} + ": " + ::gai_strerror(problem)};
  ServerAddress server;
  std::memcpy(&server.address_, found->ai_addr, found->ai_addrlen);
  server.size_ = found->ai_addrlen;
  ::freeaddrinfo(found);
  return server;
}

bool ServerAddress::is_loopback() const {
  if (family() == AF_INET) return (ntohl(ipv4(address_).sin_addr.s_addr) & 0xff000000) == loopback_network;
  if (family() != AF_INET6) return false;
  const in6_addr& address = ipv6(address_).sin6_addr;
  return IN6_IS_ADDR_LOOPBACK(&address) || (IN6_IS_ADDR_V4MAPPED(&address) && address.s6_addr[12] == 127);
}

std::optional<sockaddr_in> ServerAddress::source_for(std::uint32_t client) const {
  if (family() != AF_INET || !is_loopback()) return std::nullopt;
  sockaddr_in source{};
  source.sin_family = AF_INET;
  source.sin_addr.s_addr = htonl(first_source + client % sources);
  return source;
}

std::expected<void, std::string> ServerAddress::try_to_connect() const {
  const int descriptor = ::socket(family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return std::unexpected{std::string{"no socket: "} + std::strerror(errno)};
  int why = ::connect(descriptor, address(), size()) == 0 ? 0 : errno;
  if (why == EINPROGRESS) {
    pollfd waiting{.fd = descriptor, .events = POLLOUT, .revents = 0};
    socklen_t why_size = sizeof why;
    if (::poll(&waiting, 1, longest_wait_ms) == 1)
      ::getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &why, &why_size);
    else
      why = ETIMEDOUT;
  }
  ::close(descriptor);
  if (why == 0) return {};
  return std::unexpected{std::string{std::strerror(why)} + (why == ECONNREFUSED ? ": no server listens there" : "")};
}

}  // namespace meerkat::bench
