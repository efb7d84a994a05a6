// SPDX-License-Identifier: Apache-2.0
#include "store/sql/table.h"

#include <utility>

namespace meerkat::sql {

ColumnType ColumnType::nullable() && {
  may_be_null = true;
  return std::move(*this);
}
ColumnType ColumnType::with_default(std::string_view sql) && {
  default_text = sql;
  return std::move(*this);
}
ColumnType ColumnType::default_now() && { return std::move(*this).with_default("CURRENT_TIMESTAMP"); }

ColumnType varchar(unsigned length) { return {.kind = Kind::varchar, .length = length}; }
ColumnType text() { return {.kind = Kind::text}; }
ColumnType large_text() { return {.kind = Kind::large_text}; }
ColumnType blob() { return {.kind = Kind::blob}; }
ColumnType smallint() { return {.kind = Kind::smallint}; }
ColumnType integer() { return {.kind = Kind::integer}; }
ColumnType bigint() { return {.kind = Kind::bigint}; }
ColumnType boolean() { return {.kind = Kind::boolean}; }
ColumnType real() { return {.kind = Kind::real}; }
ColumnType timestamp() { return {.kind = Kind::timestamp}; }
ColumnType serial() { return {.kind = Kind::serial}; }
ColumnType bigserial() { return {.kind = Kind::bigserial}; }
ColumnType choice(std::vector<std::string> words) { return {.kind = Kind::choice, .choices = std::move(words)}; }

Table Table::column(std::string_view column_name, ColumnType type) && {
  columns.push_back({std::string{column_name}, std::move(type)});
  return std::move(*this);
}
Table Table::primary_key(std::string_view key_columns) && {
  key = key_columns;
  return std::move(*this);
}
Table Table::index(std::string_view index_name, std::string_view index_columns) && {
  indexes.push_back({std::string{index_name}, std::string{index_columns}});
  return std::move(*this);
}
Table Table::unique(std::string_view index_name, std::string_view index_columns) && {
  indexes.push_back({std::string{index_name}, std::string{index_columns}, true});
  return std::move(*this);
}
Table Table::references(std::string_view own_columns, std::string_view other_table, std::string_view other_columns) && {
  foreign_keys.push_back({std::string{own_columns}, std::string{other_table}, std::string{other_columns}});
  return std::move(*this);
}
Table Table::clustered() && {
  is_clustered = true;
  return std::move(*this);
}

Table table(std::string_view name) { return {.name = std::string{name}}; }

}  // namespace meerkat::sql
