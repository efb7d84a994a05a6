// SPDX-License-Identifier: Apache-2.0
// Regular expressions and globs of the configuration, by RE2: matching takes time linear in the text, whatever the
// pattern, so that nobody can choose a name that keeps a worker busy.
#pragma once

#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "config/codec.h"

namespace re2 {
class RE2;
}

namespace meerkat {

// Compiled once; immutable, cheap to copy. Any thread.
class TextPattern {
 public:
  // Matches where the expression is found anywhere in the text (RE2's syntax; anchor with ^ and $). The error says what
  // is wrong with it.
  static std::expected<TextPattern, std::string> regexp(std::string_view expression);
  // Matches the whole text: * stands for any text, ? for one character, [a-z] and [!a-z] for one of a set.
  static std::expected<TextPattern, std::string> glob(std::string_view glob);

  bool matches(std::string_view text) const;
  // As it was written.
  const std::string& text() const { return text_; }

  friend bool operator==(const TextPattern& one, const TextPattern& other) { return one.text_ == other.text_; }

 private:
  TextPattern(std::string text, std::shared_ptr<const re2::RE2> compiled)
      : text_(std::move(text)), compiled_(std::move(compiled)) {}
  static std::expected<TextPattern, std::string> compile(std::string_view text, const std::string& expression);

  std::string text_;
  std::shared_ptr<const re2::RE2> compiled_;
};

// As types of options: the key says which of the two is written.
struct RegexpPattern {
  TextPattern pattern;
};
struct GlobPattern {
  TextPattern pattern;
};

}  // namespace meerkat

template <>
struct meerkat::config::Codec<meerkat::RegexpPattern> {
  static Shape shape() { return {.kind = Shape::Kind::text, .called = "regular expression"}; }
  static std::optional<RegexpPattern> read(const Node& node, const Reading& reading);
  static std::string print(const RegexpPattern& value) { return in_quotes(value.pattern.text()); }
};

template <>
struct meerkat::config::Codec<meerkat::GlobPattern> {
  static Shape shape() { return {.kind = Shape::Kind::text, .called = "text with * and ?"}; }
  static std::optional<GlobPattern> read(const Node& node, const Reading& reading);
  static std::string print(const GlobPattern& value) { return in_quotes(value.pattern.text()); }
};
