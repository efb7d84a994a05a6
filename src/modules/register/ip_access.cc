// SPDX-License-Identifier: Apache-2.0
#include "modules/register/ip_access.h"

#include <algorithm>
#include <charconv>

namespace meerkat {

std::optional<IpNetwork> IpNetwork::parse(std::string_view text) {
  const std::size_t slash = text.find('/');
  const auto address = IpAddress::parse(text.substr(0, slash));
  if (!address) return std::nullopt;
  IpNetwork network{.address = *address, .text = std::string{text}};
  if (slash == std::string_view::npos) return network;
  const std::string_view digits = text.substr(slash + 1);
  const bool is_v4 = text.substr(0, slash).find(':') == std::string_view::npos;
  unsigned bits = 0;
  const auto [rest, error] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
  if (error != std::errc{} || rest != digits.data() + digits.size() || bits > (is_v4 ? 32 : 128)) return std::nullopt;
  network.bits = static_cast<std::uint8_t>(bits + (is_v4 ? 96 : 0));
  return network;
}

bool IpNetwork::contains(const IpAddress& one) const {
  const std::size_t whole = bits / 8;
  if (!std::equal(one.bytes.begin(), one.bytes.begin() + whole, address.bytes.begin())) return false;
  if (bits % 8 == 0) return true;
  const auto mask = static_cast<std::uint8_t>(0xff << (8 - bits % 8));
  return ((one.bytes[whole] ^ address.bytes[whole]) & mask) == 0;
}

bool may_come_from(const std::vector<IpRule>& rules, std::string_view peer_address) {
  if (rules.empty()) return true;
  const auto address = IpAddress::parse(peer_address);
  if (!address) return false;
  for (const IpRule& rule : rules)
    if (rule.address.contains(*address)) return rule.policy == IpRule::Policy::allow;
  return true;
}

}  // namespace meerkat

namespace meerkat::config {

std::optional<IpNetwork> Codec<IpNetwork>::read(const Node& node, const Reading& reading) {
  const auto text = reading.text(node);
  if (!text) return std::nullopt;
  auto network = IpNetwork::parse(*text);
  if (!network) return reading.refuse(node, reading.shown(node) + " is not a network such as \"192.0.2.0/24\"");
  return network;
}

}  // namespace meerkat::config
