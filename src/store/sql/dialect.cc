// SPDX-License-Identifier: Apache-2.0
#include "store/sql/dialect.h"

#include <algorithm>

#include <fmt/format.h>

namespace meerkat::sql {
namespace {

bool numbers_itself(const Column& column) {
  return column.type.kind == Kind::serial || column.type.kind == Kind::bigserial;
}

const Column* self_numbering(const Table& table) {
  const auto found = std::ranges::find_if(table.columns, numbers_itself);
  return found == table.columns.end() ? nullptr : &*found;
}

std::string choices_of(const Column& column) {
  std::string list;
  for (const std::string& word : column.type.choices) list += fmt::format("{}'{}'", list.empty() ? "" : ", ", word);
  return list;
}

std::string null_and_default(const Column& column) {
  std::string words = column.type.may_be_null ? "" : " NOT NULL";
  if (!column.type.default_text.empty()) words += " DEFAULT " + column.type.default_text;
  return words;
}

// Where a quoted text, a quoted name or a comment that begins at `at` ends; `at` itself when none begins there.
std::size_t end_of_quote(std::string_view text, std::size_t at) {
  const char opens = text[at];
  if (opens == '\'' || opens == '"' || opens == '`') {
    const std::size_t closes = text.find(opens, at + 1);
    return closes == std::string_view::npos ? text.size() : closes + 1;
  }
  if (text.substr(at, 2) == "--") return std::min(text.find('\n', at), text.size());
  return at;
}

}  // namespace

std::string Dialect::placeholders(std::string_view text) const { return std::string{text}; }

std::string Dialect::quoted(std::string_view name) const { return fmt::format("\"{}\"", name); }

std::string Dialect::quoted_list(std::string_view list) const {
  std::string names;
  for (const std::string_view column : column_list(list)) names += (names.empty() ? "" : ", ") + quoted(column);
  return names;
}

std::string Dialect::upsert(const Upsert& what, std::size_t rows) const {
  const std::size_t columns = column_list(what.key).size() + column_list(what.values).size();
  std::string row = "(?";
  for (std::size_t i = 1; i < columns; ++i) row += ", ?";
  row += ')';
  std::string text = "VALUES " + row;
  for (std::size_t i = 1; i < rows; ++i) text += ", " + row;
  return placeholders(upsert_from(what, text));
}

std::string Dialect::upsert_from(const Upsert& what, std::string_view rows) const {
  return fmt::format("INSERT INTO {} ({}{}{}) {}{}", quoted(what.table), quoted_list(what.key),
                     what.values.empty() ? "" : ", ", quoted_list(what.values), rows, upsert_tail(what));
}

std::string Dialect::upsert_tail(const Upsert& what) const {
  std::string tail = fmt::format(" ON CONFLICT ({}) DO ", quoted_list(what.key));
  if (what.values.empty()) return tail + "NOTHING";
  std::string changes;
  for (const std::string_view column : column_list(what.values))
    changes += fmt::format("{}{} = excluded.{}", changes.empty() ? "" : ", ", quoted(column), quoted(column));
  return tail + "UPDATE SET " + changes;
}

std::string Dialect::removal(const Upsert& what) const {
  std::string condition;
  for (const std::string_view column : column_list(what.key))
    condition += fmt::format("{}{} = ?", condition.empty() ? "" : " AND ", quoted(column));
  return placeholders(fmt::format("DELETE FROM {} WHERE {}", quoted(what.table), condition));
}

std::string Dialect::foreign_keys(const Table& table) const {
  std::string clauses;
  for (const ForeignKey& key : table.foreign_keys)
    clauses += fmt::format(", FOREIGN KEY ({}) REFERENCES {} ({}) ON DELETE CASCADE", quoted_list(key.columns),
                           quoted(key.table), quoted_list(key.other_columns));
  return clauses;
}

std::string Dialect::table_end(const Table& table) const {
  std::string end;
  if (!table.key.empty()) end += fmt::format(", PRIMARY KEY ({})", quoted_list(table.key));
  const Column* const number = self_numbering(table);
  if (number != nullptr && table.key != number->name) end += fmt::format(", UNIQUE ({})", quoted(number->name));
  return end + foreign_keys(table) + ")";
}

std::vector<std::string> Dialect::create(const Table& table) const {
  std::string columns;
  for (const Column& column : table.columns)
    columns += fmt::format("{}{} {}", columns.empty() ? "" : ", ", quoted(column.name), type(column));
  std::vector<std::string> statements{
      fmt::format("CREATE TABLE IF NOT EXISTS {} ({}{}", quoted(table.name), columns, table_end(table))};
  if (!indexes_stand_apart()) return statements;
  for (const Index& index : table.indexes)
    statements.push_back(fmt::format("CREATE {}INDEX IF NOT EXISTS {} ON {} ({})", index.is_unique ? "UNIQUE " : "",
                                     quoted(index.name), quoted(table.name), quoted_list(index.columns)));
  return statements;
}

namespace {

class SqliteDialect final : public Dialect {
 public:
  std::string_view name() const override { return "sqlite"; }
  std::string_view table_exists() const override {
    return "SELECT name FROM sqlite_master WHERE type = 'table' AND name = ?";
  }

 protected:
  std::string type(const Column& column) const override {
    // Only this column type numbers itself, so it becomes the primary key whatever the table declares.
    if (numbers_itself(column)) return "INTEGER PRIMARY KEY AUTOINCREMENT";
    std::string check;
    if (column.type.kind == Kind::choice)
      check = fmt::format(" CHECK ({} IN ({}))", quoted(column.name), choices_of(column));
    return std::string{affinity(column.type.kind)} + null_and_default(column) + check;
  }

  std::string table_end(const Table& table) const override {
    const Column* const number = self_numbering(table);
    std::string end;
    if (!table.key.empty() && (number == nullptr || table.key != number->name))
      end = fmt::format(", {} ({})", number == nullptr ? "PRIMARY KEY" : "UNIQUE", quoted_list(table.key));
    end += foreign_keys(table) + ")";
    if (table.is_clustered && number == nullptr) end += " WITHOUT ROWID";
    return end;
  }

 private:
  static std::string_view affinity(Kind kind) {
    switch (kind) {
      case Kind::smallint:
      case Kind::integer:
      case Kind::bigint:
      case Kind::boolean:
        return "INTEGER";
      case Kind::real:
        return "REAL";
      case Kind::blob:
        return "BLOB";
      default:
        return "TEXT";
    }
  }
};

class PostgresqlDialect : public Dialect {
 public:
  std::string_view name() const override { return "postgresql"; }
  std::string_view table_exists() const override {
    return "SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema() AND table_name = ?";
  }

  std::string placeholders(std::string_view text) const override {
    std::string rendered;
    std::size_t number = 0;
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t end = end_of_quote(text, at);
      if (end > at) {
        rendered += text.substr(at, end - at);
        at = end;
        continue;
      }
      if (text[at] == '?')
        rendered += fmt::format("${}", ++number);
      else
        rendered += text[at];
      ++at;
    }
    return rendered;
  }

 protected:
  std::string type(const Column& column) const override {
    std::string check;
    if (column.type.kind == Kind::choice)
      check = fmt::format(" CHECK ({} IN ({}))", quoted(column.name), choices_of(column));
    return type_name(column.type) + null_and_default(column) + check;
  }

 private:
  // Texts compare byte by byte, as in the other databases, whatever language the database was made for.
  static std::string type_name(const ColumnType& type) {
    switch (type.kind) {
      case Kind::varchar:
        return fmt::format("VARCHAR({}) COLLATE \"C\"", type.length);
      case Kind::text:
      case Kind::large_text:
      case Kind::choice:
        return "TEXT COLLATE \"C\"";
      case Kind::blob:
        return "BYTEA";
      case Kind::smallint:
        return "SMALLINT";
      case Kind::integer:
        return "INTEGER";
      case Kind::bigint:
        return "BIGINT";
      case Kind::boolean:
        return "BOOLEAN";
      case Kind::real:
        return "DOUBLE PRECISION";
      case Kind::timestamp:
        return "TIMESTAMP";
      case Kind::serial:
        return "SERIAL";
      case Kind::bigserial:
        return "BIGSERIAL";
    }
    return "TEXT";
  }
};

// Through ODBC, which has one kind of placeholder for all.
class OdbcPostgresqlDialect final : public PostgresqlDialect {
 public:
  std::string placeholders(std::string_view text) const override { return std::string{text}; }
};

class MysqlDialect final : public Dialect {
 public:
  std::string_view name() const override { return "mysql"; }
  std::string quoted(std::string_view word) const override { return fmt::format("`{}`", word); }
  std::string_view table_exists() const override {
    return "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = ?";
  }

 protected:
  std::string type(const Column& column) const override { return type_name(column) + null_and_default(column); }
  bool indexes_stand_apart() const override { return false; }

  // VALUES() in this place is deprecated by MySQL 8 but is the only form that MariaDB shares.
  std::string upsert_tail(const Upsert& what) const override {
    const auto values = column_list(what.values);
    const std::string first_key = quoted(column_list(what.key).front());
    if (values.empty()) return fmt::format(" ON DUPLICATE KEY UPDATE {} = {}", first_key, first_key);
    std::string changes;
    for (const std::string_view column : values)
      changes += fmt::format("{}{} = VALUES({})", changes.empty() ? "" : ", ", quoted(column), quoted(column));
    return " ON DUPLICATE KEY UPDATE " + changes;
  }

  // A key cannot hold texts of any length here. Where one is part of the primary key, the hash of the key's columns is
  // unique in its place, and rows are found by how the texts begin.
  std::string table_end(const Table& table) const override {
    std::string end;
    if (has_text(table, table.key)) {
      Table keyless = table;
      keyless.key.clear();
      end = fmt::format(", {} BINARY(32) GENERATED ALWAYS AS ({}) STORED, UNIQUE KEY ({})", quoted("key_hash"),
                        hash_of(table.key), quoted("key_hash")) +
            key(table, "KEY", "key_begins", table.key) + Dialect::table_end(keyless);
    } else {
      end = Dialect::table_end(table);
    }
    end.pop_back();
    for (const Index& index : table.indexes)
      end += key(table, index.is_unique ? "UNIQUE KEY" : "KEY", index.name, index.columns);
    return end + ") CHARACTER SET utf8mb4 COLLATE utf8mb4_bin ROW_FORMAT=DYNAMIC";
  }

 private:
  // How much of a text an index looks at, in characters: some four of them fit into one key.
  static constexpr unsigned text_beginning = 100;

  static bool is_text(const Table& table, std::string_view name) {
    const auto found = std::ranges::find(table.columns, name, &Column::name);
    return found != table.columns.end() && (found->type.kind == Kind::text || found->type.kind == Kind::large_text);
  }
  static bool has_text(const Table& table, std::string_view list) {
    return std::ranges::any_of(column_list(list), [&](std::string_view name) { return is_text(table, name); });
  }
  std::string key(const Table& table, std::string_view kind, std::string_view name, std::string_view list) const {
    std::string columns;
    for (const std::string_view column : column_list(list)) {
      columns += (columns.empty() ? "" : ", ") + quoted(column);
      if (is_text(table, column)) columns += fmt::format("({})", text_beginning);
    }
    return fmt::format(", {} {} ({})", kind, quoted(name), columns);
  }
  std::string hash_of(std::string_view list) const {
    std::string columns;
    for (const std::string_view column : column_list(list))
      columns += fmt::format("{}HEX({})", columns.empty() ? "" : ", '.', ", quoted(column));
    return fmt::format("UNHEX(SHA2(CONCAT({}), 256))", columns);
  }

  static std::string type_name(const Column& column) {
    switch (column.type.kind) {
      case Kind::varchar:
        return fmt::format("VARCHAR({})", column.type.length);
      case Kind::text:
        return "TEXT";
      case Kind::large_text:
        return "MEDIUMTEXT";
      case Kind::blob:
        return "MEDIUMBLOB";
      case Kind::smallint:
        return "SMALLINT";
      case Kind::integer:
        return "INT";
      case Kind::bigint:
        return "BIGINT";
      case Kind::boolean:
        return "BOOLEAN";
      case Kind::real:
        return "DOUBLE";
      case Kind::timestamp:
        return "TIMESTAMP";
      case Kind::serial:
        return "INT AUTO_INCREMENT";
      case Kind::bigserial:
        return "BIGINT AUTO_INCREMENT";
      case Kind::choice:
        return fmt::format("ENUM({})", choices_of(column));
    }
    return "TEXT";
  }
};

}  // namespace

const Dialect& sqlite_dialect() {
  static const SqliteDialect dialect;
  return dialect;
}
const Dialect& postgresql_dialect() {
  static const PostgresqlDialect dialect;
  return dialect;
}
const Dialect& odbc_postgresql_dialect() {
  static const OdbcPostgresqlDialect dialect;
  return dialect;
}
const Dialect& mysql_dialect() {
  static const MysqlDialect dialect;
  return dialect;
}

}  // namespace meerkat::sql
