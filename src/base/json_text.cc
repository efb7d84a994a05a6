// SPDX-License-Identifier: Apache-2.0
#include "base/json_text.h"

#include <iterator>

#include <fmt/format.h>

#include "base/text.h"

namespace meerkat {
namespace {

bool is_harmless(char32_t c) {
  if (c < 0x20 || (c >= 0x7f && c < 0xa0)) return false;
  if (c == '"' || c == '\\') return false;
  const bool separates_or_turns = c == 0x61c || c == 0x200e || c == 0x200f || (c >= 0x2028 && c <= 0x202e) ||
                                  (c >= 0x2066 && c <= 0x2069) || c == 0xfeff;
  return !separates_or_turns;
}

}  // namespace

void append_escaped(std::string& into, std::string_view text) {
  while (!text.empty()) {
    const CodePoint point = first_code_point(text);
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
      fmt::format_to(std::back_inserter(into), "\\u{:04x}", static_cast<std::uint32_t>(point.value));
    text.remove_prefix(point.size);
  }
}

std::string json_string(std::string_view text) {
  std::string quoted = "\"";
  append_escaped(quoted, text);
  return quoted += '"';
}

}  // namespace meerkat
