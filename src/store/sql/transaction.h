// SPDX-License-Identifier: Apache-2.0
// A connection in the hands of a database thread: what a function given to Database::transaction works with.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "store/sql/query.h"

namespace meerkat::sql {

class Dialect;

// Blocks the thread it is used on, which is one of the database's own, never a worker.
// Statements see what earlier ones of the same transaction did.
class Transaction {
 public:
  virtual ~Transaction() = default;

  template <class Row, class... P>
  std::optional<Row> one(const Query<Row, P...>& query, std::type_identity_t<P>... arguments) {
    const Values packed = pack(std::move(arguments)...);
    return first<Row>(query.name, query.text, packed);
  }

  template <class Row, class... P>
  std::vector<Row> all(const Query<Row, P...>& query, std::type_identity_t<P>... arguments) {
    const Values packed = pack(std::move(arguments)...);
    return unpack_all<Row>(query.name, run_query(query.name, query.text, packed, every_row));
  }

  // How many rows were changed.
  template <class... P>
  std::uint64_t execute(const Statement<P...>& statement, std::type_identity_t<P>... arguments) {
    const Values packed = pack(std::move(arguments)...);
    return run_statement(statement.name, statement.text, packed);
  }

  std::uint64_t upsert(const Upsert& upsert, const Values& key, const Values& values) {
    Values row = key;
    row.insert(row.end(), values.begin(), values.end());
    return run_upsert(upsert, row);
  }
  std::uint64_t remove(const Upsert& upsert, const Values& key) { return run_removal(upsert, key); }

  // The untyped half, which drivers implement.
  static constexpr std::size_t every_row = ~std::size_t{0};
  virtual Rows run_query(std::string_view name, std::string_view text, std::span<const Value> arguments,
                         std::size_t most_rows) = 0;
  virtual std::uint64_t run_statement(std::string_view name, std::string_view text,
                                      std::span<const Value> arguments) = 0;
  virtual std::uint64_t run_upsert(const Upsert& upsert, std::span<const Value> row) = 0;
  virtual std::uint64_t run_removal(const Upsert& upsert, std::span<const Value> key) = 0;
  virtual const Dialect& dialect() const = 0;

  template <class Row>
  std::optional<Row> first(std::string_view name, std::string_view text, std::span<const Value> arguments) {
    Rows rows = run_query(name, text, arguments, 1);
    if (rows.count() == 0) return std::nullopt;
    return unpack<Row>(name, rows.cells);
  }
};

}  // namespace meerkat::sql
