// SPDX-License-Identifier: Apache-2.0
// From where accounts may be registered: networks in CIDR notation (RFC 4632, RFC 4291 §2.3), first match wins.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/section.h"
#include "net/ip_address.h"

namespace meerkat {

struct IpNetwork {
  IpAddress address;
  std::uint8_t bits = 128;  // of the 128 that count
  std::string text;         // as it was written

  // "192.0.2.0/24", "2001:db8::/32", or one address.
  static std::optional<IpNetwork> parse(std::string_view text);
  bool contains(const IpAddress& one) const;
};

struct IpRule {
  enum class Policy : std::uint8_t { allow, deny };

  IpNetwork address;
  Policy policy = Policy::deny;
};

// Addresses that no rule names may come in. A peer whose address is unknown may as long as there are no rules.
bool may_come_from(const std::vector<IpRule>& rules, std::string_view peer_address);

}  // namespace meerkat

template <>
struct meerkat::config::EnumNames<meerkat::IpRule::Policy> {
  using enum meerkat::IpRule::Policy;
  static constexpr EnumName names[] = {{allow, "allow"}, {deny, "deny"}};
};

template <>
struct meerkat::config::Codec<meerkat::IpNetwork> {
  static Shape shape() { return {.kind = Shape::Kind::text, .called = "a network such as \"192.0.2.0/24\""}; }
  static std::optional<meerkat::IpNetwork> read(const Node& node, const Reading& reading);
  static std::string print(const meerkat::IpNetwork& network) { return in_quotes(network.text); }
};
