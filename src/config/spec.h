// SPDX-License-Identifier: Apache-2.0
// What a Section knows, without its type: the described keys of one table. Templates stay in section.h and are thin.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/problem.h"
#include "config/reading.h"
#include "config/rules.h"
#include "config/shape.h"

namespace meerkat::config {

class Spec;

// One described key of a table. `field` is the place in the options struct that it fills.
struct Option {
  enum class Kind { value, section, list, map, map_of_lists, ignored, refused };

  Kind kind = Kind::value;
  std::string key, sentence;
  Rules rules;
  std::ptrdiff_t offset = 0;  // of the field within the struct

  // Values: false if a problem was reported.
  bool (*read)(const Node& node, void* field, const Reading& reading) = nullptr;
  std::string (*print)(const void* field) = nullptr;
  Shape shape;

  // Nested tables: makes room for one more and returns it. `defaults` is what it starts from.
  void* (*open)(void* field, const std::string& name, const void* defaults) = nullptr;
  void (*clear)(void* field) = nullptr;
  bool optional = false;  // an absent table leaves nothing instead of defaults
  std::shared_ptr<const Spec> inner;
};

// Given to the rules over several options; reports at the place of the option it names.
class Checker {
 public:
  Checker(const Spec& spec, const Node* table, Place place, std::string_view path, Problems& problems)
      : spec_(spec), table_(table), place_(place), path_(path), problems_(problems) {}

  // Of the table, such as "host_config[0].auth".
  const std::string& path() const { return path_; }
  // Was it written in the file?
  bool given(std::string_view key) const;

  void refuse(std::string_view key, std::string message);
  void warn(std::string_view key, std::string message);
  // About the whole table.
  void refuse(std::string message) { problems_.add(place_, path_, std::move(message)); }

 private:
  const NodeEntry* entry(std::string_view key) const;
  Place place_of(std::string_view key) const;

  const Spec& spec_;
  const Node* table_;
  Place place_;
  std::string path_;
  Problems& problems_;
};

// One row of the reference; what is nested follows its section.
struct OptionDescription {
  Option::Kind kind = Option::Kind::value;
  std::string path;  // lists end with [], free names read <name>: outgoing_pools.rdbms.<tag>.workers
  std::string key;
  std::string type;          // "whole number", "table", ...
  std::string default_text;  // as TOML; empty if there is none
  std::string sentence;
  std::vector<std::string> limits;
  std::string example, unit;
  std::vector<std::string> older_names, other_names;
  bool mandatory = false, needs_restart = false, secret = false;
  bool optional = false;  // a table that may be absent altogether
  Shape shape;
};

class Spec {
 public:
  using Check = std::function<void(const void* options, Checker& checker)>;

  Spec(std::string_view path, std::string_view sentence, std::shared_ptr<const void> defaults)
      : path_(path), sentence_(sentence), defaults_(std::move(defaults)) {}

  // Throws Bug (aborts in debug builds) if a key is described twice.
  void add(Option option, std::span<const Rule> rules);
  void add(Check check) { checks_.push_back(std::move(check)); }
  // Takes over all that `other` describes, for a struct that lies `offset` bytes inside this one.
  void include(const Spec& other, std::ptrdiff_t offset);

  const std::string& path() const { return path_; }
  const std::string& sentence() const { return sentence_; }
  const void* defaults() const { return defaults_.get(); }
  // Finds by key, other name or older name.
  const Option* find(std::string_view key) const;
  // All keys, also those that are ignored or refused.
  std::vector<std::string> keys() const;

  // Fills `options`, which holds the defaults. `table` may be null: then `place` is where it is missed.
  void read(const Node* table, Place place, const std::string& path, void* options, Problems& problems) const;

  // `defaults` is what the struct holds when nothing is given.
  void describe(std::string_view path, const void* defaults, std::vector<OptionDescription>& into) const;

 private:
  void read_entry(const Option& option, const NodeEntry& entry, const std::string& path, void* options,
                  Problems& problems) const;
  void read_nested(const Option& option, const Node& node, const Reading& reading, void* field) const;
  void report_unknown(const NodeEntry& entry, const std::string& path, Problems& problems) const;
  void report_missing(const Option& option, Place place, const std::string& path, Problems& problems) const;

  std::string path_, sentence_;
  std::shared_ptr<const void> defaults_;
  std::vector<Option> options_;
  std::vector<Check> checks_;
};

}  // namespace meerkat::config
