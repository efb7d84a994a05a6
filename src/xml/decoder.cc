// SPDX-License-Identifier: Apache-2.0
#include "xml/decoder.h"

#include <algorithm>

#include "xml/characters.h"

namespace meerkat::xml {
namespace {

constexpr std::string_view cdata_begin = "<![CDATA[";
constexpr std::string_view cdata_end = "]]>";

struct Entity {
  std::string_view text;
  char character;
};
constexpr Entity entities[] = {{"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&apos;", '\''}, {"&quot;", '"'}};

// 16 or more if it is no digit.
unsigned digit_value(char c) {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a' + 10);
  if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A' + 10);
  return 16;
}

std::optional<Reference> read_numeric(std::string_view text) {
  const bool hexadecimal = text.starts_with("&#x");
  const unsigned base = hexadecimal ? 16 : 10;
  const std::size_t first = hexadecimal ? 3 : 2;
  char32_t value = 0;
  for (std::size_t i = first; i < text.size(); ++i) {
    if (text[i] == ';') {
      if (i == first || !is_character(value)) return std::nullopt;
      return Reference{value, i + 1};
    }
    const unsigned digit = digit_value(text[i]);
    if (digit >= base) return std::nullopt;
    value = value * base + digit;
    if (value > 0x10ffff) return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace

std::optional<Reference> read_reference(std::string_view text) {
  if (text.starts_with("&#")) return read_numeric(text);
  for (const Entity& entity : entities)
    if (text.starts_with(entity.text))
      return Reference{static_cast<unsigned char>(entity.character), entity.text.size()};
  return std::nullopt;
}

std::size_t encode(char32_t c, char* to) {
  const auto tail = [c](unsigned shift) { return static_cast<char>(0x80 | (c >> shift & 0x3f)); };
  if (c < 0x80) {
    to[0] = static_cast<char>(c);
    return 1;
  }
  if (c < 0x800) {
    to[0] = static_cast<char>(0xc0 | c >> 6);
    to[1] = tail(0);
    return 2;
  }
  if (c < 0x10000) {
    to[0] = static_cast<char>(0xe0 | c >> 12);
    to[1] = tail(6);
    to[2] = tail(0);
    return 3;
  }
  to[0] = static_cast<char>(0xf0 | c >> 18);
  to[1] = tail(12);
  to[2] = tail(6);
  to[3] = tail(0);
  return 4;
}

std::string_view Decoder::next() {
  while (!rest_.empty()) {
    if (cdata_ && rest_.starts_with(cdata_end)) {
      cdata_ = false;
      rest_.remove_prefix(cdata_end.size());
      continue;
    }
    if (!cdata_ && kind_ == Text::Kind::characters && rest_.starts_with(cdata_begin)) {
      cdata_ = true;
      rest_.remove_prefix(cdata_begin.size());
      continue;
    }
    const char c = rest_.front();
    if (c == '&' && !cdata_) return reference();
    if (c == '\r' || (kind_ == Text::Kind::attribute && (c == '\n' || c == '\t'))) return line_end();
    return plain_run();
  }
  return {};
}

bool Decoder::special(char c) const {
  if (c == '\r') return true;
  if (cdata_) return c == ']';
  if (kind_ == Text::Kind::attribute) return c == '&' || c == '\n' || c == '\t';
  return c == '&' || c == '<';
}

// At least one byte, which may itself be one of the special ones (a lone ']' in CDATA).
std::string_view Decoder::plain_run() {
  const auto end = std::find_if(rest_.begin() + 1, rest_.end(), [this](char c) { return special(c); });
  const std::string_view run{rest_.begin(), end};
  rest_.remove_prefix(run.size());
  return run;
}

std::string_view Decoder::reference() {
  const auto reference = read_reference(rest_);
  if (!reference) return plain_run();
  rest_.remove_prefix(reference->size);
  return {small_, encode(reference->character, small_)};
}

// CR LF and CR are one line end; in an attribute white space becomes a space.
std::string_view Decoder::line_end() {
  rest_.remove_prefix(rest_.starts_with("\r\n") ? 2 : 1);
  small_[0] = kind_ == Text::Kind::attribute ? ' ' : '\n';
  return {small_, 1};
}

}  // namespace meerkat::xml
