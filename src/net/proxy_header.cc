// SPDX-License-Identifier: Apache-2.0
#include "net/proxy_header.h"

#include <algorithm>
#include <charconv>

namespace meerkat {
namespace {

constexpr std::string_view v1_start = "PROXY ";
constexpr std::string_view v2_signature{"\r\n\r\n\0\r\nQUIT\n", 12};
constexpr std::size_t v2_head_size = 16;
constexpr std::size_t tlv_head_size = 3;

// §2.2: version and command in one byte, family and protocol in another.
constexpr std::uint8_t v2_local = 0x20, v2_proxy = 0x21;
constexpr std::uint8_t family_v4 = 1, family_v6 = 2, family_unix = 3;
constexpr std::uint8_t tlv_crc32c = 0x03;

// RFC 9260 appendix A: the polynomial of CRC-32C, reflected.
constexpr auto crc32c_table = [] {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < table.size(); ++i) {
    std::uint32_t value = i;
    for (int bit = 0; bit < 8; ++bit) value = (value >> 1) ^ ((value & 1) != 0 ? 0x82f63b78u : 0u);
    table[i] = value;
  }
  return table;
}();

std::uint32_t add_to_sum(std::uint32_t sum, char byte) {
  return crc32c_table[(sum ^ static_cast<std::uint8_t>(byte)) & 0xff] ^ (sum >> 8);
}

std::size_t address_size(std::uint8_t family) {
  switch (family) {
    case family_v4:
      return 12;
    case family_v6:
      return 36;
    case family_unix:
      return 216;
    default:
      return 0;
  }
}

// §2.1: decimal, no leading zeros.
std::optional<std::uint16_t> port_of(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  const bool good = error == std::errc{} && end == text.data() + text.size() && (text.size() == 1 || text[0] != '0');
  return good ? std::optional{port} : std::nullopt;
}

std::string_view next_word(std::string_view& text) {
  const std::size_t end = std::min(text.find(' '), text.size());
  const std::string_view word = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return word;
}

}  // namespace

std::size_t ProxyHeader::feed(std::string_view bytes) {
  std::size_t taken = 0;
  while (taken < bytes.size() && state_ == State::more) take(bytes[taken++]);
  return taken;
}

void ProxyHeader::take(char byte) {
  switch (part_) {
    case Part::start:
      return take_start(byte);
    case Part::v1:
      return take_v1(byte);
    default:
      return take_v2(byte);
  }
}

void ProxyHeader::take_start(char byte) {
  kept_[have_++] = byte;
  const std::string_view so_far{kept_.data(), have_};
  if (v2_signature.starts_with(so_far)) {
    sum_ = add_to_sum(sum_, byte);
    if (so_far.size() == v2_signature.size()) part_ = Part::v2_head;
  } else if (v1_start.starts_with(so_far)) {
    if (so_far.size() == v1_start.size()) part_ = Part::v1;
  } else {
    fail("it does not begin with a PROXY header");
  }
}

void ProxyHeader::take_v1(char byte) {
  if (have_ == kept_.size()) return fail("its first line is too long");
  kept_[have_++] = byte;
  if (byte == '\n') read_v1();
}

// "PROXY TCP4 192.0.2.1 198.51.100.1 56324 5222\r\n"
void ProxyHeader::read_v1() {
  std::string_view line{kept_.data() + v1_start.size(), have_ - v1_start.size()};
  if (!line.ends_with("\r\n")) return fail("its first line does not end in CRLF");
  line.remove_suffix(2);
  const std::string_view kind = next_word(line);
  if (kind == "UNKNOWN") return finish();
  if (kind != "TCP4" && kind != "TCP6") return fail("it names an unknown protocol");
  const auto source = IpAddress::parse(next_word(line));
  const auto destination = IpAddress::parse(next_word(line));
  const auto port = port_of(next_word(line));
  const bool has_end = !line.empty() && line.find(' ') == std::string_view::npos && port_of(line).has_value();
  if (!source || !destination || !port || !has_end) return fail("it names no addresses and ports");
  if (kind == "TCP4" && (!source->is_v4() || !destination->is_v4())) return fail("it names no addresses and ports");
  source_ = PeerAddress{*source, *port};
  finish();
}

void ProxyHeader::take_v2(char byte) {
  sum_ = add_to_sum(sum_, in_sum_ ? '\0' : byte);
  if (part_ == Part::v2_head) {
    kept_[have_++] = byte;
    if (have_ == v2_head_size) read_v2_head();
    return;
  }
  --left_;
  switch (part_) {
    case Part::v2_addresses:
      if (have_ < kept_.size()) kept_[have_++] = byte;
      if (--value_left_ == 0) read_v2_addresses();
      return;
    case Part::v2_tlv_head:
      kept_[have_++] = byte;
      if (have_ == tlv_head_size) return read_tlv_head();
      break;
    case Part::v2_tlv_value:
      if (in_sum_) told_sum_ = told_sum_ << 8 | static_cast<std::uint8_t>(byte);
      if (--value_left_ == 0) return next_tlv();
      return;
    default:
      break;
  }
  if (left_ == 0) finish_v2();
}

void ProxyHeader::read_v2_head() {
  const auto command = static_cast<std::uint8_t>(kept_[12]);
  const auto protocol = static_cast<std::uint8_t>(kept_[13]);
  left_ = number_at(14);
  if (command != v2_local && command != v2_proxy) return fail("its version or command is unknown");
  if (left_ > longest_v2 - v2_head_size) return fail("it is too long");
  family_ = protocol >> 4;
  // §2.2: what belongs to LOCAL, or to a family that nobody knows, is skipped whatever it is.
  if (command == v2_local || protocol == 0) {
    part_ = Part::v2_rest;
    if (left_ == 0) finish();
    return;
  }
  if (family_ > family_unix || (protocol & 0xf) < 1 || (protocol & 0xf) > 2)
    return fail("it names an unknown protocol");
  if (family_ == 0 || left_ < address_size(family_)) return fail("its addresses are cut off");
  part_ = Part::v2_addresses;
  value_left_ = static_cast<std::uint16_t>(address_size(family_));
  have_ = 0;
}

void ProxyHeader::read_v2_addresses() {
  const auto* const octets = reinterpret_cast<const std::uint8_t*>(kept_.data());
  if (family_ == family_v4) {
    source_ = PeerAddress{IpAddress::v4({octets[0], octets[1], octets[2], octets[3]}), number_at(8)};
  } else if (family_ == family_v6) {
    PeerAddress& source = source_.emplace();
    std::copy_n(octets, source.ip.bytes.size(), source.ip.bytes.begin());
    source.port = number_at(32);
  }
  next_tlv();
}

void ProxyHeader::next_tlv() {
  in_sum_ = false;
  have_ = 0;
  part_ = Part::v2_tlv_head;
  if (left_ == 0) finish_v2();
}

void ProxyHeader::read_tlv_head() {
  value_left_ = number_at(1);
  if (value_left_ > left_) return fail("an extra of it is cut off");
  part_ = Part::v2_tlv_value;
  if (static_cast<std::uint8_t>(kept_[0]) == tlv_crc32c) {
    if (value_left_ != 4 || sum_told_) return fail("its checksum is not one of four bytes");
    in_sum_ = sum_told_ = true;
  }
  if (value_left_ == 0) next_tlv();
}

void ProxyHeader::finish_v2() {
  if (part_ == Part::v2_tlv_head && have_ != 0) return fail("an extra of it is cut off");
  if (sum_told_ && told_sum_ != ~sum_) return fail("its checksum is wrong");
  finish();
}

void ProxyHeader::fail(std::string_view why) {
  state_ = State::wrong;
  problem_ = why;
  source_.reset();
}

std::uint16_t ProxyHeader::number_at(std::size_t index) const {
  return static_cast<std::uint16_t>(static_cast<std::uint8_t>(kept_[index]) << 8 |
                                    static_cast<std::uint8_t>(kept_[index + 1]));
}

}  // namespace meerkat
