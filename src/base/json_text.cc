// SPDX-License-Identifier: Apache-2.0
#include "base/json_text.h"

#include <array>
#include <cstdint>
#include <iterator>

#include <fmt/format.h>

namespace meerkat {
namespace {

struct CodePoint {
  std::uint32_t value = 0;
  std::size_t size = 0;  // 0: not UTF-8
};

// RFC 3629 §3: no overlong forms, no surrogates, nothing above U+10FFFF.
CodePoint first_of(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return {lead, 1};
  const std::size_t size = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || text.size() < size) return {};
  std::uint32_t value = lead & (0x7fu >> size);
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return {};
    value = value << 6 | (byte(i) & 0x3fu);
  }
  constexpr std::array<std::uint32_t, 5> least{0, 0, 0x80, 0x800, 0x10000};
  if (value < least[size] || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff)) return {};
  return {value, size};
}

bool is_harmless(std::uint32_t c) {
  if (c < 0x20 || (c >= 0x7f && c < 0xa0)) return false;
  if (c == '"' || c == '\\') return false;
  const bool separates_or_turns = c == 0x61c || c == 0x200e || c == 0x200f || (c >= 0x2028 && c <= 0x202e) ||
                                  (c >= 0x2066 && c <= 0x2069) || c == 0xfeff;
  return !separates_or_turns;
}

}  // namespace

void append_escaped(std::string& into, std::string_view text) {
  while (!text.empty()) {
    const CodePoint point = first_of(text);
    if (point.size == 0) {
      into += "\\ufffd";
      text.remove_prefix(1);
      continue;
    }
    if (is_harmless(point.value))
      into += text.substr(0, point.size);
    else if (point.value == '"' || point.value == '\\')
      into.append(1, '\\').append(1, static_cast<char>(point.value));
    else if (point.value == '\n')
      into += "\\n";
    else
      fmt::format_to(std::back_inserter(into), "\\u{:04x}", point.value);
    text.remove_prefix(point.size);
  }
}

std::string json_string(std::string_view text) {
  std::string quoted = "\"";
  append_escaped(quoted, text);
  return quoted += '"';
}

}  // namespace meerkat
