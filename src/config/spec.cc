// SPDX-License-Identifier: Apache-2.0
#include "config/spec.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/check.h"

namespace meerkat::config {
namespace {

constexpr std::size_t most_keys_to_list = 8;

void* moved(void* options, std::ptrdiff_t offset) { return static_cast<char*>(options) + offset; }
const void* moved(const void* options, std::ptrdiff_t offset) { return static_cast<const char*>(options) + offset; }

// As a path stands in the header of a table: listen.c2s, not listen.c2s[0].
std::string without_indexes(std::string_view path) {
  std::string header;
  for (std::size_t i = 0; i < path.size(); ++i) {
    const std::size_t end = path.find(']', i);
    const bool index = path[i] == '[' && end != std::string_view::npos &&
                       path.substr(i + 1, end - i - 1).find_first_not_of("0123456789") == std::string_view::npos;
    if (index)
      i = end;
    else
      header += path[i];
  }
  return header;
}

std::string element_path(std::string_view path, std::size_t index) { return fmt::format("{}[{}]", path, index); }

// [outgoing_pools.rdbms] with the options of [outgoing_pools.rdbms.default].
bool has_lost_its_name(const Spec& inner, const Node::Table& entries) {
  return std::ranges::any_of(entries, [&inner](const NodeEntry& entry) {
    return entry.node.table() == nullptr && inner.find(entry.key) != nullptr;
  });
}

}  // namespace

void Spec::add(Option option, std::span<const Rule> rules) {
  for (const Rule& rule : rules) rule(option.rules);
  check(find(option.key) == nullptr, "a configuration key is described twice");
  for (const std::string& older : option.rules.older_names)
    check(find(older) == nullptr, "an older name is the key of another option");
  for (const std::string& other : option.rules.other_names)
    check(find(other) == nullptr, "another name is the key of another option");
  options_.push_back(std::move(option));
}

void Spec::include(const Spec& other, std::ptrdiff_t offset) {
  for (Option option : other.options_) {
    option.offset += offset;
    add(std::move(option), {});
  }
  for (const Check& check : other.checks_)
    add([check, offset](const void* options, Checker& checker) { check(moved(options, offset), checker); });
}

const Option* Spec::find(std::string_view key) const {
  for (const Option& option : options_)
    if (option.key == key || std::ranges::count(option.rules.older_names, key) > 0 ||
        std::ranges::count(option.rules.other_names, key) > 0)
      return &option;
  return nullptr;
}

std::vector<std::string> Spec::keys() const {
  std::vector<std::string> keys;
  keys.reserve(options_.size());
  for (const Option& option : options_) keys.push_back(option.key);
  return keys;
}

void Spec::read(const Node* table, Place place, const std::string& path, void* options, Problems& problems) const {
  if (table != nullptr && table->table() == nullptr) {
    problems.add(place, path, fmt::format("expected a table, found {}", name_of(table->kind())));
    return;
  }
  const std::size_t errors_before = problems.errors();

  std::vector<const NodeEntry*> given(options_.size());
  if (table != nullptr) {
    for (const NodeEntry& entry : *table->table()) {
      const Option* option = find(entry.key);
      if (option == nullptr) {
        report_unknown(entry, path, problems);
        continue;
      }
      const NodeEntry*& first = given[static_cast<std::size_t>(option - options_.data())];
      if (first != nullptr)
        problems.add(entry.place, join_path(path, option->key),
                     fmt::format("is given twice: as {} in line {}, and here as {}", in_quotes(first->key),
                                 first->place.line, in_quotes(entry.key)));
      else
        first = &entry;
    }
  }

  for (std::size_t i = 0; i < options_.size(); ++i) {
    const Option& option = options_[i];
    if (given[i] != nullptr) {
      read_entry(option, *given[i], path, options, problems);
    } else if (option.rules.mandatory) {
      report_missing(option, place, path, problems);
    } else if (option.kind == Option::Kind::section && !option.optional) {
      option.inner->read(nullptr, place, join_path(path, option.key), moved(options, option.offset), problems);
    }
  }

  if (problems.errors() != errors_before) return;
  Checker checker{*this, table, place, path, problems};
  for (const Check& check : checks_) check(options, checker);
}

void Spec::read_entry(const Option& option, const NodeEntry& entry, const std::string& path, void* options,
                      Problems& problems) const {
  const Reading reading{problems, join_path(path, option.key), option.rules};
  if (option.kind == Option::Kind::ignored) {
    problems.warn(entry.place, reading.path(), fmt::format("has no effect: {}", option.sentence));
    return;
  }
  if (option.kind == Option::Kind::refused) return problems.add(entry.place, reading.path(), option.sentence);
  if (std::ranges::count(option.rules.older_names, entry.key) > 0)
    problems.warn(
        entry.place, reading.path(),
        fmt::format("{} is an older name, which is still read; write {}", in_quotes(entry.key), in_quotes(option.key)));
  void* field = moved(options, option.offset);
  if (option.kind == Option::Kind::value)
    option.read(entry.node, field, reading);
  else
    read_nested(option, entry.node, reading, field);
}

void Spec::read_nested(const Option& option, const Node& node, const Reading& reading, void* field) const {
  const auto read_into = [&](const Node& table, const std::string& path, const std::string& name) {
    void* target = option.open(field, name, option.inner->defaults());
    option.inner->read(&table, table.place(), path, target, reading.problems());
  };
  const auto read_list = [&](const Node& list, const std::string& path, const std::string& name) {
    if (list.table() != nullptr) {
      reading.problems().add(list.place(), path,
                             fmt::format("expected a list of tables, found one table — write [[{}]] with two brackets",
                                         without_indexes(path)));
      return;
    }
    const Node::Array* elements = Reading{reading.problems(), path, option.rules}.list(list);
    if (elements == nullptr) return;
    if (option.kind == Option::Kind::map_of_lists) option.open(field, name, nullptr);
    for (std::size_t i = 0; i < elements->size(); ++i) read_into((*elements)[i], element_path(path, i), name);
  };

  if (option.kind == Option::Kind::section) {
    const Node::Array* elements = node.array();
    if (elements != nullptr && !elements->empty() && elements->front().table() != nullptr)
      reading.refuse(node, fmt::format("expected one table, found a list of tables — write [{}] with one bracket",
                                       without_indexes(reading.path())));
    else if (node.table() == nullptr && !option.rules.was_value.empty())
      reading.refuse(node,
                     fmt::format("expected a table, found {} — {}", name_of(node.kind()), option.rules.was_value));
    else
      read_into(node, reading.path(), {});
    return;
  }
  option.clear(field);
  if (option.kind == Option::Kind::list) return read_list(node, reading.path(), {});

  const Node::Table* entries = reading.table(node);
  if (entries == nullptr) return;
  const bool is_nameless = option.kind == Option::Kind::map && has_lost_its_name(*option.inner, *entries);
  if (is_nameless)
    reading.refuse(node,
                   fmt::format("its tables have a {} each, which is missing here — write [{}.default], or another {}",
                               option.rules.names_are, without_indexes(reading.path()), option.rules.names_are));
  for (const NodeEntry& entry : *entries) {
    if (is_nameless && option.inner->find(entry.key) != nullptr) continue;
    const std::string path = join_path(reading.path(), entry.key);
    if (option.kind == Option::Kind::map_of_lists)
      read_list(entry.node, path, entry.key);
    else
      read_into(entry.node, path, entry.key);
  }
}

void Spec::report_unknown(const NodeEntry& entry, const std::string& path, Problems& problems) const {
  std::vector<std::string_view> keys, all;
  for (const Option& option : options_) {
    if (option.kind == Option::Kind::refused) continue;
    if (option.kind != Option::Kind::ignored) keys.push_back(option.key);
    all.push_back(option.key);
    all.insert(all.end(), option.rules.older_names.begin(), option.rules.older_names.end());
    all.insert(all.end(), option.rules.other_names.begin(), option.rules.other_names.end());
  }
  std::string advice = did_you_mean(entry.key, all);
  if (advice.empty() && keys.empty())
    advice = " — this table takes none";
  else if (advice.empty() && keys.size() <= most_keys_to_list)
    advice = fmt::format(" — known here: {}", quoted_list(keys));
  // Most likely its table's header is missing.
  for (const Option& option : options_)
    if (advice.empty() && option.kind == Option::Kind::section && option.inner->find(entry.key) != nullptr)
      advice = fmt::format(" — it belongs under [{}]", without_indexes(join_path(path, option.key)));
  problems.add(entry.place, path, fmt::format("there is no option {}{}", brief(Node{entry.key, entry.place}), advice));
}

void Spec::report_missing(const Option& option, Place place, const std::string& path, Problems& problems) const {
  std::string message = "must be given";
  const bool many = option.kind == Option::Kind::list;
  if (option.kind != Option::Kind::value)
    message += fmt::format(" — write {0}{2}{1}", many ? "[[" : "[", many ? "]]" : "]",
                           without_indexes(join_path(path, option.key)));
  else if (!option.rules.example.empty())
    message += fmt::format(" — for example: {} = {}", option.key, option.rules.example);
  else
    message += fmt::format(" ({})", option.shape.text());
  problems.add(place, join_path(path, option.key), std::move(message));
}

const NodeEntry* Checker::entry(std::string_view key) const {
  const Option* option = spec_.find(key);
  if (option == nullptr || table_ == nullptr) return nullptr;
  if (const NodeEntry* found = table_->entry(option->key)) return found;
  for (const auto* names : {&option->rules.other_names, &option->rules.older_names})
    for (const std::string& name : *names)
      if (const NodeEntry* found = table_->entry(name)) return found;
  return nullptr;
}

Place Checker::place_of(std::string_view key) const {
  const NodeEntry* found = entry(key);
  return found == nullptr ? place_ : found->place;
}

bool Checker::given(std::string_view key) const { return entry(key) != nullptr; }

void Checker::refuse(std::string_view key, std::string message) {
  problems_.add(place_of(key), join_path(path_, key), std::move(message));
}

void Checker::warn(std::string_view key, std::string message) {
  problems_.warn(place_of(key), join_path(path_, key), std::move(message));
}

}  // namespace meerkat::config
