// SPDX-License-Identifier: Apache-2.0
// Declared tables: written once in the words below, rendered to DDL by the dialect.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace meerkat::sql {

enum class Kind : std::uint8_t {
  varchar,
  text,
  large_text,
  blob,
  smallint,
  integer,
  bigint,
  boolean,
  real,
  timestamp,
  serial,
  bigserial,
  choice
};

// The type of a column. Columns are NOT NULL unless they say `nullable()`.
struct ColumnType {
  Kind kind = Kind::text;
  unsigned length = 0;               // varchar
  std::vector<std::string> choices;  // choice
  bool may_be_null = false;
  std::string default_text;  // SQL: a literal, or CURRENT_TIMESTAMP

  ColumnType nullable() &&;
  ColumnType with_default(std::string_view sql) &&;
  ColumnType default_now() &&;
};

ColumnType varchar(unsigned length);
ColumnType text();
ColumnType large_text();  // MySQL's text ends at 64 KiB; this one at 16 MiB
ColumnType blob();
ColumnType smallint();
ColumnType integer();
ColumnType bigint();
ColumnType boolean();
ColumnType real();
ColumnType timestamp();
ColumnType serial();     // numbers itself, 32 bits; the whole primary key, or unique
ColumnType bigserial();  // numbers itself, 64 bits
ColumnType choice(std::vector<std::string> words);

struct Column {
  std::string name;
  ColumnType type;
};

struct Index {
  std::string name;
  std::string columns;
  bool is_unique = false;
};

struct ForeignKey {
  std::string columns;
  std::string table;
  std::string other_columns;  // deleted together with the row they point to
};

struct Table {
  std::string name;
  std::vector<Column> columns;
  std::string key;  // columns, separated by commas
  std::vector<Index> indexes;
  std::vector<ForeignKey> foreign_keys;
  bool is_clustered = false;

  Table column(std::string_view name, ColumnType type) &&;
  Table primary_key(std::string_view columns) &&;
  Table index(std::string_view name, std::string_view columns) &&;
  Table unique(std::string_view name, std::string_view columns) &&;
  Table references(std::string_view columns, std::string_view table, std::string_view other_columns) &&;
  // Rows lie in the order of the primary key (SQLite: WITHOUT ROWID). For small rows found by their key; not for
  // rows of more than some 200 bytes.
  Table clustered() &&;
};

Table table(std::string_view name);

}  // namespace meerkat::sql
