// SPDX-License-Identifier: Apache-2.0
// Where something stands in a configuration file, as the descriptions of options name such places; and a value of the
// file as text that may be shown.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/node.h"
#include "config/spec.h"

namespace meerkat::config {

using Described = std::span<const OptionDescription>;

// A path as descriptions write it: lists end with [], and a key may be one of the names of its option.
class Pattern {
 public:
  Pattern() = default;

  Pattern key(std::string_view name) const { return with(std::string{name}); }
  Pattern element() const;

  const OptionDescription* find(Described described) const;
  // Those that stand directly in the table of this path.
  std::vector<const OptionDescription*> inside(Described described) const;

 private:
  Pattern with(std::string segment) const;
  bool matches(const OptionDescription& option, std::size_t from) const;
  bool contains(const OptionDescription& option, std::size_t from) const;
  // The tables of a host type are described once, for all.
  bool is_of_host_type() const { return segments_.size() > 1 && segments_[0] == "host_config[]"; }

  std::vector<std::string> segments_;
};

// The value as TOML, on one line and with the keys of tables in order; secrets hidden if wanted.
std::string text_of(const Node& node, const Pattern& pattern, Described described, bool hide);
// Not too long for a line.
std::string shortened(std::string text);

// An array of tables: [[listen.c2s]].
bool holds_tables(const Node& node);
// Of a path like "modules.mod_ping": its table starts the module, even an empty one.
bool is_module(std::string_view path);

}  // namespace meerkat::config
