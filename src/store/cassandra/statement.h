// SPDX-License-Identifier: Apache-2.0
// What is asked: one statement or a batch of writes, and what comes back.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "store/cassandra/protocol.h"
#include "store/cassandra/type.h"
#include "store/cassandra/value.h"

namespace meerkat::cassandra {

// How it is to be done.
struct Wishes {
  Consistency consistency = Consistency::local_quorum;
  std::optional<Consistency> serial_consistency;  // of IF … in statements; the server's default is serial
  // Doing it twice is the same as once: it only reads, or it sets what it says. Then it is asked again, on another
  // connection, when the first one breaks under it. Not for counters, lists that grow, IF … and now().
  bool may_repeat = false;
};

// CQL with ? for each value. The text is prepared once per connection, so it should be one of a few that are written
// down somewhere, not made for each call.
struct Statement {
  std::string text;
  std::vector<Value> values;
  Wishes wishes = {};
  std::int32_t page_size = 1000;  // rows per answer
};

// Only reads, so it may be repeated.
inline Statement reading(std::string text, std::vector<Value> values = {}) {
  return {std::move(text), std::move(values), {.may_repeat = true}};
}

struct Batch {
  // A logged batch happens as a whole or not at all, and is refused when it is too large. An unlogged one is only a
  // way to send much at once: it is cut into as many as are needed.
  enum class Kind : std::uint8_t { logged = 0, unlogged = 1, counter = 2 };

  struct Write {
    std::string text;
    std::vector<Value> values;
  };

  Kind kind = Kind::logged;
  std::vector<Write> writes;
  Wishes wishes = {};
};

struct Column {
  std::string name;
  Type type;
};

// The rows of one answer, or of all pages of it.
class Rows {
 public:
  std::vector<Column> columns;
  std::vector<Value> cells;  // row after row
  std::string next_page;     // to ask for the rows behind these; empty when these were the last

  std::size_t size() const { return columns.empty() ? 0 : cells.size() / columns.size(); }
  bool empty() const { return cells.empty(); }
  std::span<const Value> operator[](std::size_t row) const {
    return std::span{cells}.subspan(row * columns.size(), columns.size());
  }
  // The place of a column in each row.
  std::optional<std::size_t> find(std::string_view column) const {
    for (std::size_t i = 0; i < columns.size(); ++i)
      if (columns[i].name == column) return i;
    return std::nullopt;
  }
  // What a statement with IF … brings: whether it was done.
  bool was_applied() const {
    const auto place = find("[applied]");
    return place && !empty() && cells[*place] == Value{true};
  }
};

}  // namespace meerkat::cassandra
