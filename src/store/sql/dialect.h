// SPDX-License-Identifier: Apache-2.0
// How one database wants its SQL written: placeholders, upserts, quotes, types.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "store/sql/query.h"
#include "store/sql/table.h"

namespace meerkat::sql {

// Immutable, without state; any thread.
class Dialect {
 public:
  virtual ~Dialect() = default;

  virtual std::string_view name() const = 0;

  // A statement as the driver wants it: `?` outside of quotes and comments becomes `$1`, `$2`… where needed.
  virtual std::string placeholders(std::string_view text) const;
  // A name in the quotes of this database.
  virtual std::string quoted(std::string_view name) const;
  // Insert-or-replace for `rows` rows at once.
  std::string upsert(const Upsert& what, std::size_t rows = 1) const;
  // The same for what a query brings: `rows` is text that begins with SELECT.
  std::string upsert_from(const Upsert& what, std::string_view rows) const;
  // Removes the row with the key of the upsert.
  std::string removal(const Upsert& what) const;
  // The statements that create the table and its indexes where they are missing.
  std::vector<std::string> create(const Table& table) const;
  // A query with one parameter, the name of a table; brings its name when it exists.
  virtual std::string_view table_exists() const = 0;

 protected:
  virtual std::string type(const Column& column) const = 0;
  // What turns INSERT INTO … VALUES … into an upsert.
  virtual std::string upsert_tail(const Upsert& what) const;
  // How CREATE TABLE ends after its columns: keys, parenthesis, options.
  virtual std::string table_end(const Table& table) const;
  // MySQL knows no CREATE INDEX IF NOT EXISTS: there, indexes are part of the table.
  virtual bool indexes_stand_apart() const { return true; }
  std::string quoted_list(std::string_view list) const;
  std::string foreign_keys(const Table& table) const;
};

const Dialect& sqlite_dialect();
const Dialect& postgresql_dialect();
const Dialect& odbc_postgresql_dialect();
const Dialect& mysql_dialect();  // MariaDB too

}  // namespace meerkat::sql
