// SPDX-License-Identifier: Apache-2.0
// Which bytes are characters, and which characters make names: UTF-8 (RFC 3629), XML 1.0 §2.2, §2.3, and of the names
// those that all editions allow.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace meerkat::xml {

// XML 1.0 §2.2 Char.
constexpr bool is_character(char32_t c) {
  if (c < 0x20) return c == '\t' || c == '\n' || c == '\r';
  return c < 0xd800 || (c >= 0xe000 && c <= 0xfffd) || (c >= 0x10000 && c <= 0x10ffff);
}

// Well-formed UTF-8, and every character one that XML allows. Reads nothing outside `text`. Any worker.
bool valid_characters(std::string_view text);

// The same, slowly and plainly; what the vectors are tested against, and the way on other machines.
bool valid_characters_plain(std::string_view text);

// The length of the valid character `text` begins with, 0 if there is none.
std::size_t character_size(std::string_view text);

enum : std::uint8_t { name_start = 1, name_more = 2, beyond_ascii = 4 };

// By byte; ':' is neither, because names here are NCNames.
inline constexpr auto name_bytes = [] {
  std::array<std::uint8_t, 256> kinds{};
  for (unsigned c = 0x80; c < 256; ++c) kinds[c] = beyond_ascii;
  for (unsigned c = 'a'; c <= 'z'; ++c) kinds[c] = kinds[c - 32] = name_start | name_more;
  for (unsigned c = '0'; c <= '9'; ++c) kinds[c] = name_more;
  kinds['_'] = name_start | name_more;
  kinds['-'] = kinds['.'] = name_more;
  return kinds;
}();

// The end of the NCName at `p`; `p` itself if there is none. The bytes up to `end` are valid UTF-8.
const char* name_end_slowly(const char* p, const char* end);

inline const char* name_end(const char* p, const char* end) {
  if (p == end || (name_bytes[static_cast<unsigned char>(*p)] & name_start) == 0) return name_end_slowly(p, end);
  const char* at = p + 1;
  while (at != end && (name_bytes[static_cast<unsigned char>(*at)] & name_more) != 0) ++at;
  if (at != end && static_cast<unsigned char>(*at) >= 0x80) return name_end_slowly(p, end);
  return at;
}

}  // namespace meerkat::xml
