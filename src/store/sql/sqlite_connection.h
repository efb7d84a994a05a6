// SPDX-License-Identifier: Apache-2.0
// One connection to an SQLite database with its prepared statements. The only door to sqlite3.h.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "store/sql/transaction.h"

struct sqlite3;
struct sqlite3_stmt;

namespace meerkat::sql {

// Belongs to one thread at a time.
class SqliteConnection final : public Transaction {
 public:
  enum class Mode { write, read, in_memory };

  // Throws Unavailable with SQLite's reason.
  SqliteConnection(const std::filesystem::path& file, Mode mode, std::chrono::milliseconds busy_timeout);
  ~SqliteConnection() override;
  SqliteConnection(const SqliteConnection&) = delete;
  SqliteConnection& operator=(const SqliteConnection&) = delete;

  void begin();   // takes the write lock at once
  void commit();  // returns when the rows are on the disk
  void rollback() noexcept;
  bool in_transaction() const;
  void set_savepoint();
  void keep_savepoint();
  void undo_to_savepoint();
  // Moves the log into the database file.
  void checkpoint();

  Rows run_query(std::string_view name, std::string_view text, std::span<const Value> arguments,
                 std::size_t most_rows) override;
  std::uint64_t run_statement(std::string_view name, std::string_view text, std::span<const Value> arguments) override;
  std::uint64_t run_upsert(const Upsert& upsert, std::span<const Value> row) override;
  std::uint64_t run_removal(const Upsert& upsert, std::span<const Value> key) override;
  const Dialect& dialect() const override;

 private:
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const noexcept;
  };
  using Prepared = std::unique_ptr<sqlite3_stmt, Finalize>;
  struct TextHash : std::hash<std::string_view> {
    using is_transparent = void;
  };
  using Cache = std::unordered_map<std::string, Prepared, TextHash, std::equal_to<>>;
  class Use;  // a prepared statement with its arguments, reset when it is left

  sqlite3_stmt* prepared(Cache& cache, std::string_view cache_key, std::string_view name, std::string_view text);
  sqlite3_stmt* prepared_for(std::string_view name, std::string_view text) {
    return prepared(statements_, text, name, text);
  }
  std::uint64_t change_with(sqlite3_stmt* statement, std::string_view name, std::span<const Value> arguments);
  void simple(std::string_view text) { run_statement(text, text, {}); }
  [[noreturn]] void fail(std::string_view name, int code) const;

  const Mode mode_;
  sqlite3* connection_ = nullptr;
  Cache statements_;  // by text
  Cache upserts_;     // by name
  Cache removals_;    // by name
};

}  // namespace meerkat::sql
