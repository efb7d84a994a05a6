// SPDX-License-Identifier: Apache-2.0
#include "store/ldap/filter.h"

#include <algorithm>
#include <cctype>
#include <cstddef>

#include "base/text.h"

namespace meerkat::ldap {
namespace {

// Deeper filters are a mistake, or an attempt on the stack.
constexpr int deepest = 32;

// Reads a filter from the left; each step answers whether it could.
class FilterReader {
 public:
  explicit FilterReader(std::string_view text) : rest_(text) {}

  bool filter(int depth = 0) {
    if (depth > deepest || !take('(') || rest_.empty()) return false;
    return component(depth) && take(')');
  }
  bool is_at_end() const { return rest_.empty(); }

 private:
  bool component(int depth) {
    if (take('&') || take('|')) {
      while (rest_.starts_with('('))
        if (!filter(depth + 1)) return false;
      return true;
    }
    return take('!') ? filter(depth + 1) : item();
  }

  // attribute = value, with ~=, >=, <= or := of an extensible match.
  bool item() {
    const auto end = rest_.find_first_of("=~<>():");
    if (end == std::string_view::npos) return false;
    const std::string_view attribute = rest_.substr(0, end);
    const bool may_be_absent = rest_[end] == ':';
    if (attribute.empty() && !may_be_absent) return false;
    if (!std::ranges::all_of(attribute, is_of_name)) return false;
    rest_.remove_prefix(end);
    if (may_be_absent) {
      const auto assign = rest_.find('=');
      if (assign == std::string_view::npos || assign < 1 || rest_[assign - 1] != ':') return false;
      rest_.remove_prefix(assign);
    } else if (rest_.front() != '=') {
      rest_.remove_prefix(1);
    }
    return take('=') && value();
  }

  bool value() {
    while (!rest_.empty() && rest_.front() != ')') {
      const char c = rest_.front();
      if (c == '(' || c == '\0') return false;
      if (c == '\\' && (rest_.size() < 3 || !is_hex(rest_[1]) || !is_hex(rest_[2]))) return false;
      rest_.remove_prefix(c == '\\' ? 3 : 1);
    }
    return true;
  }

  static bool is_hex(char c) { return std::isxdigit(static_cast<unsigned char>(c)) != 0; }
  static bool is_of_name(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '.' || c == ';' || c == '_';
  }
  bool take(char wanted) {
    if (!rest_.starts_with(wanted)) return false;
    rest_.remove_prefix(1);
    return true;
  }

  std::string_view rest_;
};

std::string hex_pair(char c) { return "\\" + hex({&c, 1}); }

// Directories do not tell cases apart, of ASCII at least.
char lowered(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
bool is_same(std::string_view one, std::string_view other) {
  return std::ranges::equal(one, other, {}, lowered, lowered);
}

}  // namespace

std::string escape_filter(std::string_view value) {
  std::string escaped;
  for (const char c : value) {
    if (std::string_view{"*()\\"}.contains(c) || c == '\0')
      escaped += hex_pair(c);
    else
      escaped += c;
  }
  return escaped;
}

std::string escape_dn(std::string_view value) {
  std::string escaped;
  for (std::size_t i = 0; i < value.size(); ++i) {
    const char c = value[i];
    const bool at_edge = (i == 0 && (c == ' ' || c == '#')) || (i + 1 == value.size() && c == ' ');
    if (c == '\0')
      escaped += hex_pair(c);
    else if (at_edge || std::string_view{"\"+,;<>\\="}.contains(c))
      (escaped += '\\') += c;
    else
      escaped += c;
  }
  return escaped;
}

bool is_filter(std::string_view text) {
  FilterReader reader{text};
  return reader.filter() && reader.is_at_end();
}

std::string fill(std::string_view pattern, const std::vector<Blank>& blanks) {
  std::string filled;
  std::vector<bool> used(blanks.size());
  const auto blank_of = [&](char letter) -> const Blank* {
    const Blank* latest = nullptr;
    for (std::size_t i = 0; i < blanks.size(); ++i) {
      if (blanks[i].letter != letter) continue;
      latest = &blanks[i];
      if (used[i]) continue;
      used[i] = true;
      break;
    }
    return latest;
  };
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const Blank* const blank = pattern[i] == '%' && i + 1 < pattern.size() ? blank_of(pattern[i + 1]) : nullptr;
    if (blank == nullptr) {
      filled += pattern[i];
    } else {
      filled += blank->value;
      ++i;
    }
  }
  return filled;
}

std::string fill_filter(std::string_view pattern, std::vector<Blank> blanks) {
  for (Blank& blank : blanks) blank.value = escape_filter(blank.value);
  return fill(pattern, blanks);
}

std::optional<std::string> user_part(std::string_view value, std::string_view pattern, std::string_view domain) {
  const auto place = pattern.find("%u");
  if (place == std::string_view::npos) return std::nullopt;
  const std::vector<Blank> blanks{{'d', std::string{domain}}};
  const std::string before = fill(pattern.substr(0, place), blanks);
  const std::string after = fill(pattern.substr(place + 2), blanks);
  if (value.size() <= before.size() + after.size()) return std::nullopt;
  if (!is_same(value.substr(0, before.size()), before)) return std::nullopt;
  if (!is_same(value.substr(value.size() - after.size()), after)) return std::nullopt;
  return std::string{value.substr(before.size(), value.size() - before.size() - after.size())};
}

}  // namespace meerkat::ldap
