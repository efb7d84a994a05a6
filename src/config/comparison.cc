// SPDX-License-Identifier: Apache-2.0
#include "config/comparison.h"

#include <algorithm>
#include <optional>
#include <string_view>

#include <fmt/format.h>

#include "config/pattern.h"
#include "config/reading.h"

namespace meerkat::config {
namespace {

// By what the elements of a list are told apart; nothing where their order is what counts.
std::optional<std::string> identity_of(std::string_view list, const Node& element) {
  const auto text = [&](std::string_view key, std::string_view otherwise) {
    const Node* const node = element.find(key);
    return node == nullptr ? std::string{otherwise} : canonical(*node);
  };
  if (list.starts_with("listen.")) return text("ip_address", "\"0.0.0.0\"") + " " + text("port", "");
  if (list == "host_config") return text("host", text("host_type", ""));
  return std::nullopt;
}

class Comparer {
 public:
  explicit Comparer(Described described) : described_(described) {}

  // Both are tables; null: there is none.
  void tables(const Node& before, const Node& after, const std::string& path, const Pattern& pattern) {
    for (const NodeEntry& entry : *after.table()) {
      const NodeEntry* const old = same_option(before, entry, pattern);
      values(old, &entry, join_path(path, entry.key), pattern.key(entry.key));
    }
    for (const NodeEntry& entry : *before.table())
      if (same_option(after, entry, pattern) == nullptr)
        values(&entry, nullptr, join_path(path, entry.key), pattern.key(entry.key));
  }

  std::vector<Change> changes;

 private:
  // An option may have been written under another of its names.
  const NodeEntry* same_option(const Node& in, const NodeEntry& entry, const Pattern& pattern) const {
    if (const NodeEntry* const same = in.entry(entry.key)) return same;
    const OptionDescription* const option = pattern.key(entry.key).find(described_);
    if (option == nullptr || (option->older_names.empty() && option->other_names.empty())) return nullptr;
    for (const NodeEntry& other : *in.table())
      if (pattern.key(other.key).find(described_) == option) return &other;
    return nullptr;
  }

  void values(const NodeEntry* before, const NodeEntry* after, const std::string& path, const Pattern& pattern) {
    if (before != nullptr && after != nullptr) {
      if (canonical(before->node) == canonical(after->node)) return;
      if (before->node.table() != nullptr && after->node.table() != nullptr)
        return tables(before->node, after->node, path, pattern);
      if (holds_tables(before->node) && holds_tables(after->node) && identity_of(path, before->node.array()->front()))
        return lists(*before->node.array(), *after->node.array(), path, pattern);
    }
    const NodeEntry& there = after != nullptr ? *after : *before;
    if (always_there(there.node, pattern)) {
      const Node none;
      return tables(before != nullptr ? before->node : none, after != nullptr ? after->node : none, path, pattern);
    }
    if ((before == nullptr || after == nullptr) && is_default(there.node, pattern)) return;
    if ((before == nullptr || after == nullptr) && holds_tables(there.node) &&
        identity_of(path, there.node.array()->front())) {
      static const Node::Array none;
      return lists(before ? *before->node.array() : none, after ? *after->node.array() : none, path, pattern);
    }
    report(before ? &before->node : nullptr, after ? &after->node : nullptr, there.place, path, pattern);
  }

  void lists(const Node::Array& before, const Node::Array& after, const std::string& path, const Pattern& pattern) {
    std::vector<bool> found(before.size());
    for (std::size_t i = 0; i < after.size(); ++i) {
      const std::string own_path = fmt::format("{}[{}]", path, i);
      const auto identity = identity_of(path, after[i]);
      std::size_t same = 0;
      while (same < before.size() && (found[same] || identity_of(path, before[same]) != identity)) ++same;
      if (same == before.size()) {
        report(nullptr, &after[i], after[i].place(), own_path, pattern.element());
      } else {
        found[same] = true;
        tables(before[same], after[i], own_path, pattern.element());
      }
    }
    for (std::size_t i = 0; i < before.size(); ++i)
      if (!found[i]) report(&before[i], nullptr, before[i].place(), fmt::format("{}[{}]", path, i), pattern.element());
  }

  void report(const Node* before, const Node* after, Place place, const std::string& path, const Pattern& pattern) {
    Change change{.path = path, .place = place};
    if (before == nullptr) change.kind = Change::Kind::added;
    if (after == nullptr) change.kind = Change::Kind::removed;
    if (before != nullptr) change.before = shortened(text_of(*before, pattern, described_, true));
    if (after != nullptr) change.after = shortened(text_of(*after, pattern, described_, true));
    change.needs_restart = (before != nullptr && any_needs_restart(*before, pattern)) ||
                           (after != nullptr && any_needs_restart(*after, pattern));
    changes.push_back(std::move(change));
  }

  // A table whose options have their defaults when it is not written.
  bool always_there(const Node& node, const Pattern& pattern) const {
    if (node.table() == nullptr) return false;
    const OptionDescription* const option = pattern.find(described_);
    return option != nullptr && option->kind == Option::Kind::section && !option->optional && !is_module(option->path);
  }

  bool is_default(const Node& node, const Pattern& pattern) const {
    const OptionDescription* const option = pattern.find(described_);
    return option != nullptr && !option->default_text.empty() &&
           text_of(node, pattern, described_, false) == option->default_text;
  }

  // Something in there that is not as it would be without.
  bool any_needs_restart(const Node& node, const Pattern& pattern) const {
    const OptionDescription* const option = pattern.find(described_);
    if (option != nullptr && option->needs_restart) return true;
    if (const Node::Table* const table = node.table())
      return std::ranges::any_of(*table, [&](const NodeEntry& entry) {
        const Pattern deeper = pattern.key(entry.key);
        return !is_default(entry.node, deeper) && any_needs_restart(entry.node, deeper);
      });
    if (const Node::Array* const array = node.array())
      return std::ranges::any_of(*array,
                                 [&](const Node& element) { return any_needs_restart(element, pattern.element()); });
    return false;
  }

  Described described_;
};

}  // namespace

std::vector<Change> compare(const Node& before, const Node& after, std::span<const OptionDescription> described) {
  Comparer comparer{described};
  comparer.tables(before, after, {}, {});
  return std::move(comparer.changes);
}

std::string line_of(const Change& change) {
  const auto shown = [&](const std::string& text) {
    return text.starts_with('{') ? fmt::format("[{}] {}", change.path, text)
                                 : fmt::format("{} = {}", change.path, text);
  };
  std::string line;
  if (change.kind == Change::Kind::added) line = "+ " + shown(change.after);
  if (change.kind == Change::Kind::removed) line = "- " + shown(change.before);
  if (change.kind == Change::Kind::changed)
    line = fmt::format("~ {} = {} → {}", change.path, change.before, change.after);
  return change.needs_restart ? line + "  (needs a restart)" : line;
}

std::string canonical(const Node& node) { return text_of(node, {}, {}, false); }

}  // namespace meerkat::config
