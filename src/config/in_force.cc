// SPDX-License-Identifier: Apache-2.0
#include "config/in_force.h"

#include <algorithm>

#include <fmt/format.h>

#include "config/pattern.h"
#include "config/reading.h"

namespace meerkat::config {
namespace {

// "https://user:password@host/": what stands before the @ is nobody's business.
std::string without_userinfo(std::string text) {
  const auto begin = text.find("://");
  if (begin == std::string::npos) return text;
  const auto end = text.find_first_of("/\"", begin + 3);
  const auto at = text.substr(0, end).rfind('@');
  if (at == std::string::npos || at < begin) return text;
  return text.replace(begin + 3, at - begin - 3, "***");
}

class Walk {
 public:
  explicit Walk(Described described) : described_(described) {}

  void table(const Node& node, const std::string& path, const Pattern& pattern) {
    for (const NodeEntry& entry : *node.table()) value(entry, join_path(path, entry.key), pattern.key(entry.key));
    for (const OptionDescription* const option : pattern.inside(described_))
      if (!stands_in(node, *option, pattern)) absent(*option, join_path(path, option->key), pattern.key(option->key));
  }

  std::vector<OptionInForce> found;

 private:
  void value(const NodeEntry& entry, const std::string& path, const Pattern& pattern) {
    const OptionDescription* const option = pattern.find(described_);
    const bool is_hidden = option != nullptr && option->secret;
    if (entry.node.table() != nullptr && !is_hidden) {
      if (entry.node.table()->empty() || is_module(path))
        found.push_back({path, entry.node.table()->empty() ? "{}" : "{…}", entry.place});
      return table(entry.node, path, pattern);
    }
    if (!holds_tables(entry.node) || is_hidden) {
      found.push_back({path, shortened(without_userinfo(text_of(entry.node, pattern, described_, true))), entry.place});
      return;
    }
    for (std::size_t i = 0; i < entry.node.array()->size(); ++i)
      table((*entry.node.array())[i], fmt::format("{}[{}]", path, i), pattern.element());
  }

  void absent(const OptionDescription& option, const std::string& path, const Pattern& pattern) {
    if (option.kind == Option::Kind::value && !option.default_text.empty())
      found.push_back({path, shortened(option.default_text), {}});
    const bool is_there = option.kind == Option::Kind::section && !option.optional && !is_module(option.path);
    if (is_there) table(Node{}, path, pattern);
  }

  // Under whatever name.
  bool stands_in(const Node& node, const OptionDescription& option, const Pattern& pattern) const {
    if (option.older_names.empty() && option.other_names.empty()) return node.entry(option.key) != nullptr;
    return std::ranges::any_of(*node.table(), [&](const NodeEntry& entry) {
      if (entry.key == option.key) return true;
      const OptionDescription* const other = pattern.key(entry.key).find(described_);
      return other != nullptr && other->path == option.path;
    });
  }

  Described described_;
};

}  // namespace

std::vector<OptionInForce> options_in_force(const Node& file, std::span<const OptionDescription> described) {
  Walk walk{described};
  walk.table(file, {}, {});
  return std::move(walk.found);
}

}  // namespace meerkat::config
