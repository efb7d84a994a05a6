// SPDX-License-Identifier: Apache-2.0
// The XML declaration: XML 1.0 §2.8, §4.3.1; RFC 6120 §11.6 leaves UTF-8 as the only encoding.
#include <algorithm>
#include <optional>
#include <string_view>

#include "xml/parser.h"

namespace meerkat::xml {
namespace {

constexpr std::string_view white_space = " \t\r\n";

// Takes white space off the front; whether there was any.
bool take_space(std::string_view& rest) {
  const std::size_t size = std::min(rest.find_first_not_of(white_space), rest.size());
  rest.remove_prefix(size);
  return size != 0;
}

// Takes ` name = 'value'` off the front. Nothing, and nothing taken, if it is not there.
std::optional<std::string_view> take(std::string_view& rest, std::string_view name) {
  std::string_view at = rest;
  if (!take_space(at) || !at.starts_with(name)) return std::nullopt;
  at.remove_prefix(name.size());
  take_space(at);
  if (!at.starts_with('=')) return std::nullopt;
  at.remove_prefix(1);
  take_space(at);
  if (at.empty() || (at.front() != '\'' && at.front() != '"')) return std::nullopt;
  const std::size_t end = at.find(at.front(), 1);
  if (end == at.npos) return std::nullopt;
  const std::string_view value = at.substr(1, end - 1);
  rest = at.substr(end + 1);
  return value;
}

constexpr bool is_letter(char c) { return (c | 0x20) >= 'a' && (c | 0x20) <= 'z'; }
constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }

// XMPP is XML 1.0 (RFC 6120 §11.1): a later version could mean other names and line ends.
bool is_version(std::string_view text) { return text == "1.0"; }

bool is_encoding_name(std::string_view text) {
  return !text.empty() && is_letter(text.front()) && std::ranges::all_of(text, [](char c) {
    return is_letter(c) || is_digit(c) || c == '.' || c == '_' || c == '-';
  });
}

bool is_utf8(std::string_view name) {
  return std::ranges::equal(name, std::string_view{"utf-8"},
                            [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a | 0x20 : a) == b; });
}

}  // namespace

Problem Parser::check_declaration(std::string_view piece) {
  if (!piece.starts_with("<?xml") || !piece.ends_with("?>") || piece.size() < 7) return Problem::not_well_formed;
  std::string_view rest = piece.substr(5, piece.size() - 7);
  const auto version = take(rest, "version");
  if (!version || !is_version(*version)) return Problem::not_well_formed;
  const auto encoding = take(rest, "encoding");
  if (encoding && !is_encoding_name(*encoding)) return Problem::not_well_formed;
  const auto standalone = take(rest, "standalone");
  if (standalone && *standalone != "yes" && *standalone != "no") return Problem::not_well_formed;
  take_space(rest);
  if (!rest.empty()) return Problem::not_well_formed;
  return encoding && !is_utf8(*encoding) ? Problem::unsupported_encoding : Problem::none;
}

}  // namespace meerkat::xml
