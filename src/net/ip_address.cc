// SPDX-License-Identifier: Apache-2.0
#include "net/ip_address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>

namespace meerkat {
namespace {

constexpr std::array<std::uint8_t, 12> v4_prefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

}  // namespace

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
  if (text.find('\0') != std::string_view::npos || text.size() >= INET6_ADDRSTRLEN) return std::nullopt;
  const std::string terminated{text};
  IpAddress address;
  if (::inet_pton(AF_INET6, terminated.c_str(), address.bytes.data()) == 1) return address;
  std::ranges::copy(v4_prefix, address.bytes.begin());
  if (::inet_pton(AF_INET, terminated.c_str(), address.bytes.data() + v4_prefix.size()) == 1) return address;
  return std::nullopt;
}

IpAddress IpAddress::v4(const std::uint8_t (&octets)[4]) {
  IpAddress address;
  std::ranges::copy(v4_prefix, address.bytes.begin());
  std::ranges::copy(octets, address.bytes.begin() + v4_prefix.size());
  return address;
}

bool IpAddress::is_v4() const { return std::equal(v4_prefix.begin(), v4_prefix.end(), bytes.begin()); }

IpAddress IpAddress::prefix(unsigned v4_bits, unsigned v6_bits) const {
  IpAddress masked = *this;
  unsigned left = is_v4() ? 96 + v4_bits : v6_bits;
  for (std::uint8_t& byte : masked.bytes) {
    const unsigned kept = std::min(left, 8u);
    byte &= static_cast<std::uint8_t>(0xff00u >> kept);
    left -= kept;
  }
  return masked;
}

std::string IpAddress::text() const {
  if (!is_known()) return {};
  char text[INET6_ADDRSTRLEN] = {};
  if (is_v4())
    ::inet_ntop(AF_INET, bytes.data() + v4_prefix.size(), text, sizeof text);
  else
    ::inet_ntop(AF_INET6, bytes.data(), text, sizeof text);
  return text;
}

PeerAddress PeerAddress::of(const sockaddr_storage& address) {
  PeerAddress peer;
  if (address.ss_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(address);
    const auto* const octets = reinterpret_cast<const std::uint8_t*>(&v4.sin_addr);
    peer.ip = IpAddress::v4({octets[0], octets[1], octets[2], octets[3]});
    peer.port = ntohs(v4.sin_port);
  } else if (address.ss_family == AF_INET6) {
    const auto& v6 = reinterpret_cast<const sockaddr_in6&>(address);
    std::copy_n(reinterpret_cast<const std::uint8_t*>(&v6.sin6_addr), peer.ip.bytes.size(), peer.ip.bytes.begin());
    peer.port = ntohs(v6.sin6_port);
  }
  return peer;
}

}  // namespace meerkat
