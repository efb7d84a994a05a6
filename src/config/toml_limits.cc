// SPDX-License-Identifier: Apache-2.0
#include "config/toml_limits.h"

#include <algorithm>
#include <cstdint>

namespace meerkat::config {
namespace {

// Where the string, or the comment, that starts at `at` ends; `at` itself if none starts there.
std::size_t after_opaque(std::string_view text, std::size_t at) {
  const char quote = text[at];
  if (quote == '#') return std::min(text.find('\n', at), text.size());
  if (quote != '"' && quote != '\'') return at;
  const bool multi_line = text.substr(at, 3) == std::string_view{quote == '"' ? "\"\"\"" : "'''"};
  const std::size_t width = multi_line ? 3 : 1;
  const std::string_view end = text.substr(at, width);
  for (std::size_t i = at + width; i < text.size(); ++i) {
    if (quote == '"' && text[i] == '\\') {
      ++i;
    } else if (text.substr(i, width) == end) {
      return i + width;
    } else if (!multi_line && text[i] == '\n') {
      return i;
    }
  }
  return text.size();
}

}  // namespace

std::optional<Place> place_of_deep_key(std::string_view text) {
  unsigned dots = 0;
  std::size_t i = 0;
  while (i < text.size()) {
    const std::size_t after = after_opaque(text, i);
    if (after > i) {
      i = after;
      continue;
    }
    const char c = text[i++];
    if (c == '.' && ++dots >= most_names_in_key) {
      const std::string_view before = text.substr(0, i - 1);
      const auto lines = static_cast<std::uint32_t>(std::ranges::count(before, '\n'));
      const std::size_t line_start = before.rfind('\n') + 1;  // npos + 1 is 0
      return Place{lines + 1, static_cast<std::uint32_t>(i - line_start)};
    }
    if (c == '=' || c == ',' || c == '\n' || c == '[' || c == '{') dots = 0;
  }
  return std::nullopt;
}

}  // namespace meerkat::config
