// SPDX-License-Identifier: Apache-2.0
// Addresses of peers: IPv4 and IPv6 in one form (RFC 4291 §2.5.5.2), and the prefix that stands for one customer.
#pragma once

#include <sys/socket.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace meerkat {

// An address of 128 bits; IPv4 stands as ::ffff:a.b.c.d, so that both ways of writing one address are equal.
// All zeros: nobody knows (a local socket, a peer that is gone).
struct IpAddress {
  std::array<std::uint8_t, 16> bytes{};

  // "192.0.2.1", "2001:db8::1". Anything else is nothing.
  static std::optional<IpAddress> parse(std::string_view text);
  static IpAddress v4(const std::uint8_t (&octets)[4]);

  bool is_v4() const;
  bool is_known() const { return *this != IpAddress{}; }
  // Its first bits alone, of the 32 or the 128 that its kind has.
  IpAddress prefix(unsigned v4_bits, unsigned v6_bits) const;
  // "192.0.2.1", "2001:db8::1"; empty when nobody knows.
  std::string text() const;
  // Its bytes as text, for hashing.
  std::string_view key() const { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

  friend bool operator==(const IpAddress&, const IpAddress&) = default;
};

// Where a connection comes from.
struct PeerAddress {
  IpAddress ip;
  std::uint16_t port = 0;

  // What accept or getpeername told; unknown for anything but IP.
  static PeerAddress of(const sockaddr_storage& address);

  friend bool operator==(const PeerAddress&, const PeerAddress&) = default;
};

}  // namespace meerkat
