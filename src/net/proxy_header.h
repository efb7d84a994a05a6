// SPDX-License-Identifier: Apache-2.0
// The PROXY protocol, versions 1 and 2 (haproxy.org/download/2.9/doc/proxy-protocol.txt): what a proxy says in front of
// a connection about where it really comes from. No sockets here.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "net/ip_address.h"

namespace meerkat {

// One header, fed in pieces of any size. Fixed memory: what is not needed is skipped, not kept.
class ProxyHeader {
 public:
  enum class State : std::uint8_t { more, done, wrong };

  static constexpr std::size_t longest_v1 = 107;        // §2.1, with CRLF
  static constexpr std::size_t longest_v2 = 16 * 1024;  // of 64 KB that §2.2 could say; certificates fit

  // Takes bytes up to the end of the header and not one more; returns how many. Nothing is taken after the end.
  std::size_t feed(std::string_view bytes);

  State state() const { return state_; }
  // Why it is wrong, in words.
  std::string_view problem() const { return problem_; }
  // Where the connection comes from. Nothing when the proxy speaks for itself (LOCAL) or does not know (UNKNOWN, a
  // local socket): then the address of the connection holds.
  const std::optional<PeerAddress>& source() const { return source_; }

 private:
  enum class Part : std::uint8_t { start, v1, v2_head, v2_addresses, v2_tlv_head, v2_tlv_value, v2_rest };

  void take(char byte);
  void take_start(char byte);
  void take_v1(char byte);
  void take_v2(char byte);
  void read_v1();
  void read_v2_head();
  void read_v2_addresses();
  void read_tlv_head();
  void next_tlv();
  void finish_v2();
  void fail(std::string_view why);
  void finish() { state_ = State::done; }
  std::uint16_t number_at(std::size_t index) const;

  std::array<char, longest_v1> kept_{};
  std::uint16_t have_ = 0;        // bytes in kept_
  std::uint16_t left_ = 0;        // of the whole v2 header, behind its first 16 bytes
  std::uint16_t value_left_ = 0;  // of the addresses, or of the value of a TLV
  std::uint32_t sum_ = 0xffffffff;
  std::uint32_t told_sum_ = 0;
  std::uint8_t family_ = 0;
  Part part_ = Part::start;
  State state_ = State::more;
  bool sum_told_ = false;
  bool in_sum_ = false;  // the value of the TLV is the checksum
  std::string_view problem_;
  std::optional<PeerAddress> source_;
};

}  // namespace meerkat
