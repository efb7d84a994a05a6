// SPDX-License-Identifier: Apache-2.0
#include "store/cassandra/value.h"

namespace meerkat::cassandra {
namespace {

constexpr std::string_view digits = "0123456789abcdef";
constexpr bool stands_before(std::size_t byte) { return byte == 4 || byte == 6 || byte == 8 || byte == 10; }

std::optional<std::uint8_t> digit(char character) {
  if (character >= 'A' && character <= 'F') character = static_cast<char>(character - 'A' + 'a');
  const auto place = digits.find(character);
  if (place == std::string_view::npos) return std::nullopt;
  return static_cast<std::uint8_t>(place);
}

constexpr std::size_t length_size = 4;

}  // namespace

// RFC 9562 §4
std::optional<Uuid> Uuid::parse(std::string_view text) {
  constexpr std::size_t text_size = 36;
  if (text.size() != text_size) return std::nullopt;
  Uuid uuid;
  std::size_t at = 0;
  for (std::size_t i = 0; i < uuid.bytes.size(); ++i) {
    if (stands_before(i) && text[at++] != '-') return std::nullopt;
    const auto high = digit(text[at++]);
    const auto low = digit(text[at++]);
    if (!high || !low) return std::nullopt;
    uuid.bytes[i] = static_cast<std::uint8_t>(*high << 4 | *low);
  }
  return uuid;
}

std::string Uuid::text() const {
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (stands_before(i)) text += '-';
    text += digits[bytes[i] >> 4];
    text += digits[bytes[i] & 0x0f];
  }
  return text;
}

std::size_t Value::size() const {
  struct Measure {
    std::size_t operator()(std::monostate) const { return 0; }
    std::size_t operator()(const std::string& text) const { return text.size(); }
    std::size_t operator()(const Blob& blob) const { return blob.bytes.size(); }
    std::size_t operator()(const Varint& number) const { return number.bytes.size(); }
    std::size_t operator()(const Uuid& uuid) const { return uuid.bytes.size(); }
    std::size_t operator()(const List& list) const {
      std::size_t sum = length_size;
      for (const Value& value : list) sum += value.size();
      return sum;
    }
    std::size_t operator()(const Map& map) const {
      std::size_t sum = length_size;
      for (const auto& [key, value] : map) sum += key.size() + value.size();
      return sum;
    }
    std::size_t operator()(bool) const { return sizeof(bool); }
    std::size_t operator()(std::int64_t number) const { return sizeof number; }
    std::size_t operator()(double number) const { return sizeof number; }
    std::size_t operator()(Timestamp) const { return sizeof(std::int64_t); }
  };
  return length_size + std::visit(Measure{}, held_);
}

}  // namespace meerkat::cassandra
