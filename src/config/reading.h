// SPDX-License-Identifier: Apache-2.0
// Reads the value of one option: checks kind and rules, and reports what is wrong. Codecs are written with it.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "config/node.h"
#include "config/problem.h"
#include "config/rules.h"
#include "config/shape.h"

namespace meerkat::config {

class Reading {
 public:
  Reading(Problems& problems, std::string path, const Rules& rules)
      : problems_(problems), path_(std::move(path)), rules_(rules) {}

  Problems& problems() const { return problems_; }
  const std::string& path() const { return path_; }

  // The same rules, one step deeper: under a key of a table, or for an element of a list.
  Reading under(std::string_view key) const;
  Reading element(std::size_t index) const;

  // Each of these reports a problem and returns nothing if the node is of another kind or breaks a rule.
  std::optional<bool> boolean(const Node& node) const;
  std::optional<std::int64_t> integer(const Node& node, std::int64_t lowest, std::int64_t highest) const;
  std::optional<double> floating(const Node& node) const;
  std::optional<std::string> text(const Node& node) const;
  std::optional<std::int64_t> word(const Node& node, std::span<const EnumName> names) const;
  // Counted in `tick`, which is also what a plain number counts.
  std::optional<std::int64_t> duration(const Node& node, std::chrono::nanoseconds tick) const;
  std::optional<std::uint64_t> size(const Node& node) const;
  const Node::Array* list(const Node& node) const;
  const Node::Table* table(const Node& node) const;

  // Is it the string "infinity"?
  static bool is_infinity(const Node& node);

  // Both return nothing, so that a codec can end with them.
  std::nullopt_t refuse(const Node& node, std::string message) const;
  // "expected a whole number, found a string"
  std::nullopt_t expected(const Node& node, std::string_view what) const;
  // The value for a message, hidden if it is a secret.
  std::string shown(const Node& node) const;

 private:
  bool in_range(const Node& node, double number) const;
  bool is_one_of(const Node& node, const std::string& toml) const;
  bool file_exists(const Node& node, const std::string& path) const;

  Problems& problems_;
  std::string path_;
  const Rules& rules_;
};

// "modules" and "mod_last" make "modules.mod_last"; keys that are not bare are quoted.
std::string join_path(std::string_view path, std::string_view key);

}  // namespace meerkat::config
