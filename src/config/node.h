// SPDX-License-Identifier: Apache-2.0
// A value of a configuration file, which remembers the line and column it was written at.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace meerkat::config {

// Counted from 1; line 0 means: at no place in the file.
struct Place {
  std::uint32_t line = 0, column = 0;

  friend constexpr bool operator==(Place, Place) = default;
  friend constexpr auto operator<=>(Place, Place) = default;
};

struct NodeEntry;

class Node {
 public:
  enum class Kind { table, array, string, integer, floating, boolean, date };

  struct Date {
    std::string text;  // as TOML writes it
  };
  using Table = std::vector<NodeEntry>;  // in the order of the file
  using Array = std::vector<Node>;
  using Value = std::variant<Table, Array, std::string, std::int64_t, double, bool, Date>;  // in the order of Kind

  // An empty table at no place.
  Node();
  Node(Value value, Place place);
  Node(const Node&);
  Node(Node&&) noexcept;
  Node& operator=(const Node&);
  Node& operator=(Node&&) noexcept;
  ~Node();

  Kind kind() const { return static_cast<Kind>(value_.index()); }
  Place place() const { return place_; }

  // Each is null if the node is of another kind.
  const Table* table() const { return std::get_if<Table>(&value_); }
  const Array* array() const { return std::get_if<Array>(&value_); }
  const std::string* string() const { return std::get_if<std::string>(&value_); }
  const std::int64_t* integer() const { return std::get_if<std::int64_t>(&value_); }
  const double* floating() const { return std::get_if<double>(&value_); }
  const bool* boolean() const { return std::get_if<bool>(&value_); }
  const Date* date() const { return std::get_if<Date>(&value_); }

  // What a table has under `key`, or null; null as well if this is no table.
  const NodeEntry* entry(std::string_view key) const;
  const Node* find(std::string_view key) const;
  // Follows names joined by dots, as in "modules.mod_last". Keys that contain a dot need find().
  const Node* at(std::string_view dotted) const;

 private:
  Value value_;
  Place place_;
};

struct NodeEntry {
  std::string key;
  Place place;  // of the key
  Node node;
};

// "a whole number", "a string", ... as it reads in "expected ..., found ...".
std::string_view name_of(Node::Kind kind);

// The value as TOML writes it, on one line and cut off when long.
std::string brief(const Node& node);

// Text between quotation marks, escaped as TOML wants it.
std::string in_quotes(std::string_view text);

}  // namespace meerkat::config
