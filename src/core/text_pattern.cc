// SPDX-License-Identifier: Apache-2.0
#include "core/text_pattern.h"

#include <fmt/format.h>
#include <re2/re2.h>

namespace meerkat {
namespace {

// Far more than any sensible pattern needs; RE2 compiles no larger program, and its caches stay below.
constexpr std::int64_t most_memory = 1024 * 1024;

re2::StringPiece piece(std::string_view text) { return {text.data(), text.size()}; }

std::string quoted(std::string_view text) { return re2::RE2::QuoteMeta(piece(text)); }

// [abc], [a-z] and [!abc] from the bracket on; empty when the set has no end.
std::string_view set_at(std::string_view glob) {
  const std::size_t first = glob.starts_with("[!") || glob.starts_with("[^") ? 2 : 1;
  // A bracket that comes first belongs to the set.
  const std::size_t end = glob.find(']', first + 1);
  return end == std::string_view::npos ? std::string_view{} : glob.substr(0, end + 1);
}

std::string expression_of_set(std::string_view set) {
  set.remove_prefix(1);
  set.remove_suffix(1);
  const bool negated = set.starts_with('!') || set.starts_with('^');
  if (negated) set.remove_prefix(1);
  std::string expression = negated ? "[^" : "[";
  for (const char c : set) {
    if (c == '\\' || c == '[' || c == ']' || c == '^' || c == '&') expression += '\\';
    expression += c;
  }
  return expression + ']';
}

}  // namespace

std::expected<TextPattern, std::string> TextPattern::compile(std::string_view text, const std::string& expression) {
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(most_memory);
  options.set_never_capture(true);
  auto compiled = std::make_shared<const re2::RE2>(expression, options);
  if (!compiled->ok()) return std::unexpected(compiled->error());
  return TextPattern{std::string{text}, std::move(compiled)};
}

std::expected<TextPattern, std::string> TextPattern::regexp(std::string_view expression) {
  return compile(expression, std::string{expression});
}

std::expected<TextPattern, std::string> TextPattern::glob(std::string_view glob) {
  std::string expression = "^(?s:";
  for (std::string_view rest = glob; !rest.empty();) {
    const std::string_view set = rest.front() == '[' ? set_at(rest) : std::string_view{};
    if (rest.front() == '*')
      expression += ".*";
    else if (rest.front() == '?')
      expression += '.';
    else if (rest.front() == '[' && set.empty())
      return std::unexpected("missing ]: " + std::string{rest});
    else if (!set.empty())
      expression += expression_of_set(set);
    else
      expression += quoted(rest.substr(0, 1));
    rest.remove_prefix(set.empty() ? 1 : set.size());
  }
  return compile(glob, expression + ")$");
}

bool TextPattern::matches(std::string_view text) const { return re2::RE2::PartialMatch(piece(text), *compiled_); }

}  // namespace meerkat

namespace meerkat::config {

std::optional<RegexpPattern> Codec<RegexpPattern>::read(const Node& node, const Reading& reading) {
  const auto text = reading.text(node);
  if (!text) return std::nullopt;
  auto pattern = TextPattern::regexp(*text);
  if (!pattern)
    return reading.refuse(node, fmt::format("{} is not a regular expression: {} — RE2 reads it, without "
                                            "back-references and look-around",
                                            reading.shown(node), pattern.error()));
  return RegexpPattern{std::move(*pattern)};
}

std::optional<GlobPattern> Codec<GlobPattern>::read(const Node& node, const Reading& reading) {
  const auto text = reading.text(node);
  if (!text) return std::nullopt;
  auto pattern = TextPattern::glob(*text);
  if (!pattern) return reading.refuse(node, fmt::format("{} is not a glob: {}", reading.shown(node), pattern.error()));
  return GlobPattern{std::move(*pattern)};
}

}  // namespace meerkat::config
