// SPDX-License-Identifier: Apache-2.0
#include "config/pattern.h"

#include <algorithm>

#include "config/reading.h"

namespace meerkat::config {
namespace {

constexpr std::string_view hidden = "\"***\"";
constexpr std::size_t longest_text = 120;

std::vector<std::string_view> segments_of(std::string_view path) {
  std::vector<std::string_view> segments;
  while (!path.empty()) {
    const auto dot = path.find('.');
    segments.push_back(path.substr(0, dot));
    if (dot == std::string_view::npos) break;
    path.remove_prefix(dot + 1);
  }
  return segments;
}

bool is_free_name(std::string_view wanted, std::string_view own) {
  return wanted.starts_with('<') && wanted.ends_with("[]") == own.ends_with("[]");
}

std::string text_of_table(const Node::Table& table, const Pattern& pattern, Described described, bool hide) {
  std::vector<const NodeEntry*> sorted;
  sorted.reserve(table.size());
  for (const NodeEntry& entry : table) sorted.push_back(&entry);
  std::ranges::sort(sorted, {}, [](const NodeEntry* entry) { return entry->key; });
  std::string text;
  for (const NodeEntry* entry : sorted) {
    text += text.empty() ? "{" : ", ";
    text += join_path({}, entry->key) + " = " + text_of(entry->node, pattern.key(entry->key), described, hide);
  }
  return text.empty() ? "{}" : text + "}";
}

}  // namespace

Pattern Pattern::with(std::string segment) const {
  Pattern deeper = *this;
  deeper.segments_.push_back(std::move(segment));
  return deeper;
}

Pattern Pattern::element() const {
  Pattern deeper = *this;
  if (!deeper.segments_.empty()) deeper.segments_.back() += "[]";
  return deeper;
}

bool Pattern::matches(const OptionDescription& option, std::size_t from) const {
  const std::vector<std::string_view> wanted = segments_of(option.path);
  if (wanted.size() != segments_.size() - from) return false;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const std::string& own = segments_[from + i];
    const bool last = i + 1 == wanted.size();
    const bool another_name =
        last && (std::ranges::count(option.older_names, own) > 0 || std::ranges::count(option.other_names, own) > 0);
    if (!is_free_name(wanted[i], own) && wanted[i] != own && !another_name) return false;
  }
  return true;
}

bool Pattern::contains(const OptionDescription& option, std::size_t from) const {
  const std::vector<std::string_view> wanted = segments_of(option.path);
  if (wanted.size() != segments_.size() - from + 1) return false;
  for (std::size_t i = 0; i + 1 < wanted.size(); ++i)
    if (!is_free_name(wanted[i], segments_[from + i]) && wanted[i] != segments_[from + i]) return false;
  return true;
}

const OptionDescription* Pattern::find(Described described) const {
  for (const OptionDescription& option : described)
    if (matches(option, 0)) return &option;
  if (is_of_host_type())
    for (const OptionDescription& option : described)
      if (matches(option, 1)) return &option;
  return nullptr;
}

std::vector<const OptionDescription*> Pattern::inside(Described described) const {
  std::vector<const OptionDescription*> found;
  const auto knows = [&](const OptionDescription& option) {
    return std::ranges::find(found, option.key, &OptionDescription::key) != found.end();
  };
  for (const OptionDescription& option : described)
    if ((contains(option, 0) || (is_of_host_type() && contains(option, 1))) && !knows(option)) found.push_back(&option);
  return found;
}

std::string text_of(const Node& node, const Pattern& pattern, Described described, bool hide) {
  if (hide) {
    const OptionDescription* const option = pattern.find(described);
    // What has no effect here, and so is not described, may be a secret as well.
    if (option == nullptr ? node.string() != nullptr : option->secret) return std::string{hidden};
  }
  if (const Node::Table* const table = node.table()) return text_of_table(*table, pattern, described, hide);
  if (const std::string* const text = node.string()) return in_quotes(*text);
  const Node::Array* const array = node.array();
  if (array == nullptr) return brief(node);
  std::string text;
  for (const Node& element : *array)
    text += (text.empty() ? "[" : ", ") +
            text_of(element, element.table() != nullptr ? pattern.element() : pattern, described, hide);
  return text.empty() ? "[]" : text + "]";
}

std::string shortened(std::string text) {
  if (text.size() <= longest_text) return text;
  std::size_t end = longest_text;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
  return text.substr(0, end) + "…";
}

bool holds_tables(const Node& node) {
  return node.array() != nullptr && !node.array()->empty() && node.array()->front().table() != nullptr;
}

bool is_module(std::string_view path) {
  constexpr std::string_view modules = "modules.";
  return path.starts_with(modules) && path.find('.', modules.size()) == std::string_view::npos;
}

}  // namespace meerkat::config
