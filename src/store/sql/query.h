// SPDX-License-Identifier: Apache-2.0
// Typed statements: text with `?` for every parameter, the types of the parameters and of the row.
// The templates only pack arguments into Values and unpack Values into tuples; drivers see Values alone.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "store/sql/value.h"

namespace meerkat::sql {

// All three are meant to be constexpr objects: names and texts must live as long as the program.
// `name` is what logs and metrics call it, unique in the program; LIMIT and OFFSET are written `LIMIT ? OFFSET ?`.

// Reads rows; Row is a std::tuple, e.g. Query<std::tuple<std::int64_t, std::string>, std::string_view>.
template <class Row, class... Params>
struct Query {
  std::string_view name;
  std::string_view text;
};

// Changes rows.
template <class... Params>
struct Statement {
  std::string_view name;
  std::string_view text;
};

// Inserts a row or replaces the values of the one with the same key. `key` and `values` list columns, separated by
// commas; the key is the primary key or a unique index. Without values an existing row is left alone.
struct Upsert {
  std::string_view name;
  std::string_view table;
  std::string_view key;
  std::string_view values;
};

// The columns of such a list.
std::vector<std::string_view> column_list(std::string_view list);

// What a query brought: rows one after another in one array.
struct Rows {
  std::size_t columns = 0;
  Values cells;
  std::size_t count() const { return columns == 0 ? 0 : cells.size() / columns; }
};

template <class... Arguments>
Values pack(Arguments&&... arguments) {
  Values values;
  values.reserve(sizeof...(arguments));
  (values.emplace_back(std::forward<Arguments>(arguments)), ...);
  return values;
}

// Reads best where a key and values stand side by side: upsert_behind(save_last, key(domain, node), values(now, text)).
template <class... Arguments>
Values key(Arguments&&... arguments) {
  return pack(std::forward<Arguments>(arguments)...);
}
template <class... Arguments>
Values values(Arguments&&... arguments) {
  return pack(std::forward<Arguments>(arguments)...);
}

namespace query_detail {
[[noreturn]] void wrong_row(std::string_view name, std::string_view why);

template <class Row, std::size_t... I>
Row unpack(std::string_view name, std::span<Value> cells, std::index_sequence<I...>) {
  if (cells.size() != sizeof...(I)) wrong_row(name, "the number of columns differs");
  try {
    return Row{take<std::tuple_element_t<I, Row>>(cells[I])...};
  } catch (const BadStatement& mistake) {
    wrong_row(name, mistake.what());  // adds the name of the statement
  }
}
}  // namespace query_detail

template <class Row>
Row unpack(std::string_view name, std::span<Value> cells) {
  return query_detail::unpack<Row>(name, cells, std::make_index_sequence<std::tuple_size_v<Row>>{});
}

template <class Row>
std::vector<Row> unpack_all(std::string_view name, Rows rows) {
  std::vector<Row> all;
  all.reserve(rows.count());
  for (std::size_t i = 0; i < rows.count(); ++i)
    all.push_back(unpack<Row>(name, std::span{rows.cells}.subspan(i * rows.columns, rows.columns)));
  return all;
}

}  // namespace meerkat::sql
