// SPDX-License-Identifier: Apache-2.0
// The notations of the protocol (CQL §3), written and read: [int], [string], [bytes] and so on. All are big-endian.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "store/cassandra/protocol.h"

namespace meerkat::cassandra {

template <std::integral Number>
void put_number(std::string& out, Number number) {
  const auto bits = static_cast<std::make_unsigned_t<Number>>(number);
  for (std::size_t i = sizeof(Number); i-- > 0;) out.push_back(static_cast<char>(bits >> (8 * i)));
}

// Appends to a string that its owner keeps.
class BodyWriter {
 public:
  explicit BodyWriter(std::string& out) : out_(out) {}

  void put_byte(std::uint8_t number) { put_number(out_, number); }
  void put_short(std::uint16_t number) { put_number(out_, number); }
  void put_int(std::int32_t number) { put_number(out_, number); }
  void put_long(std::int64_t number) { put_number(out_, number); }
  // Throw BadStatement when the text does not fit into its length.
  void put_string(std::string_view text);
  void put_long_string(std::string_view text);
  void put_short_bytes(std::string_view bytes) { put_string(bytes); }
  void put_bytes(std::string_view bytes) { put_long_string(bytes); }
  void put_string_list(const std::vector<std::string_view>& texts);

 private:
  std::string& out_;
};

// Reads what it borrows. Everything throws Malformed where the body ends too early.
class BodyReader {
 public:
  explicit BodyReader(std::string_view body) : rest_(body) {}

  std::uint8_t take_byte() { return number<std::uint8_t>(); }
  std::uint16_t take_short() { return number<std::uint16_t>(); }
  std::int32_t take_int() { return number<std::int32_t>(); }
  std::int64_t take_long() { return number<std::int64_t>(); }
  std::string_view take_string() { return take(take_short()); }
  std::string_view take_short_bytes() { return take(take_short()); }
  // Null is negative in length.
  std::optional<std::string_view> take_bytes();
  // A number of things of which each takes `least` bytes at least, so that nobody makes room for more than can come.
  std::size_t take_count(std::size_t least);
  // An address and a port (CQL §3 [inet]); the address as text.
  std::string take_inet(std::uint16_t& port);
  std::string_view take(std::size_t size);
  std::size_t left() const { return rest_.size(); }

 private:
  template <class Number>
  Number number() {
    std::make_unsigned_t<Number> bits = 0;
    for (const char byte : take(sizeof(Number)))
      bits = static_cast<std::make_unsigned_t<Number>>((std::uint64_t{bits} << 8) | static_cast<std::uint8_t>(byte));
    return static_cast<Number>(bits);
  }

  std::string_view rest_;
};

}  // namespace meerkat::cassandra
