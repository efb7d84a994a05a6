// SPDX-License-Identifier: Apache-2.0
#include "store/sql/postgres_batches.h"

#include <string_view>

#include <fmt/format.h>

#include "store/sql/dialect.h"

namespace meerkat::sql {
namespace {

struct ElementType {
  pg::Oid type;           // of the elements of the array
  std::string_view name;  // of the same
  std::string_view cast;  // from there to the column's own type
};

std::optional<ElementType> element_type(pg::Oid type) {
  switch (type) {
    case pg::boolean:
      return ElementType{type, "boolean", ""};
    case pg::bytea:
      return ElementType{type, "bytea", ""};
    case pg::int2:
      return ElementType{type, "int2", ""};
    case pg::int4:
      return ElementType{type, "int4", ""};
    case pg::int8:
      return ElementType{type, "int8", ""};
    case pg::float8:
      return ElementType{type, "float8", ""};
    case pg::text:
    case pg::varchar:
      return ElementType{pg::text, "text", ""};
    case pg::timestamp:
      return ElementType{pg::text, "text", "::timestamp"};
    default:
      return std::nullopt;
  }
}

struct UnnestedRows {
  std::string columns;  // u.c1, u.c2::timestamp
  std::string from;     // unnest($1::text[], $2::text[]) AS u (c1, c2)
};

std::optional<UnnestedRows> unnested(std::span<const pg::Oid> types) {
  std::string columns;
  std::string arrays;
  std::string names;
  for (std::size_t i = 1; i <= types.size(); ++i) {
    const auto element = element_type(types[i - 1]);
    if (!element) return std::nullopt;
    const std::string_view comma = i == 1 ? "" : ", ";
    columns += fmt::format("{}u.c{}{}", comma, i, element->cast);
    arrays += fmt::format("{}${}::{}[]", comma, i, element->name);
    names += fmt::format("{}c{}", comma, i);
  }
  return UnnestedRows{columns, fmt::format("unnest({}) AS u ({})", arrays, names)};
}

}  // namespace

std::optional<std::string> postgres_upserts(const Upsert& what, std::span<const pg::Oid> types) {
  const auto rows = unnested(types);
  if (!rows) return std::nullopt;
  return postgresql_dialect().upsert_from(what, fmt::format("SELECT {} FROM {}", rows->columns, rows->from));
}

std::optional<std::string> postgres_removals(const Upsert& what, std::span<const pg::Oid> types) {
  const auto rows = unnested(types);
  if (!rows) return std::nullopt;
  const Dialect& dialect = postgresql_dialect();
  std::string names;
  for (const std::string_view column : column_list(what.key))
    names += (names.empty() ? "t." : ", t.") + dialect.quoted(column);
  return fmt::format("DELETE FROM {} AS t USING {} WHERE ({}) = ({})", dialect.quoted(what.table), rows->from, names,
                     rows->columns);
}

std::string postgres_array(const Rows& rows, std::size_t column, pg::Oid type) {
  const pg::Oid element = element_type(type)->type;
  std::string cells;
  bool has_null = false;
  for (std::size_t i = column; i < rows.cells.size(); i += rows.columns) {
    const PostgresParameter cell = postgres_parameter(rows.cells[i], element);
    has_null = has_null || cell.is_null;
    append_int32(cells, cell.is_null ? -1 : static_cast<std::int32_t>(cell.bytes.size()));
    cells += cell.bytes;
  }
  // array_recv: dimensions, whether there are nulls, the elements' type, their number, the first one's index.
  std::string bytes;
  append_int32(bytes, 1);
  append_int32(bytes, has_null ? 1 : 0);
  append_int32(bytes, static_cast<std::int32_t>(element));
  append_int32(bytes, static_cast<std::int32_t>(rows.count()));
  append_int32(bytes, 1);
  return bytes + cells;
}

}  // namespace meerkat::sql
