// SPDX-License-Identifier: Apache-2.0
// Test support: a database in memory without threads. What is asked of it happens at once, or when the test says so;
// who waits goes on in the next turn of its worker.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <utility>

#include "store/sql/database.h"
#include "store/sql/errors.h"
#include "store/sql/migration.h"
#include "store/sql/sqlite_connection.h"

namespace meerkat::sql {

class TestDatabase final : public Database {
 public:
  bool broken = false;      // every call fails as if the disk were gone
  bool is_slow = false;     // calls wait until `answer` or `answer_all`
  std::size_t reads = 0;    // how many queries were asked
  std::size_t changes = 0;  // how many writes and transactions

  // The oldest call that waits; false when none does.
  bool answer() {
    if (waiting_.empty()) return false;
    const auto run = std::move(waiting_.front());
    waiting_.pop_front();
    run();
    return true;
  }
  void answer_all() {
    while (answer()) continue;
  }
  std::size_t waiting() const { return waiting_.size(); }

  void prepare(const Schema& schema) override {
    connection_.begin();
    apply(schema, connection_, "the test's database");
    connection_.commit();
  }
  const Dialect& dialect() const override { return connection_.dialect(); }
  bool available() const override { return !broken; }

  // All tables are empty again; what modules keep in memory is their affair.
  void clear() {
    const auto tables = connection_.all(all_tables);
    for (const auto& [table] : tables) connection_.run_statement("clear", "DELETE FROM " + table, {});
  }
  // For looking at rows, and for putting some there.
  SqliteConnection& rows() { return connection_; }

 protected:
  void submit_read(Work& work) override {
    ++reads;
    serve([this, &work] { run(work); });
  }
  void submit_write(Work& work) override {
    ++changes;
    serve([this, &work] { run(work); });
  }
  bool submit_behind(BehindWork& work) override {
    ++changes;
    if (!work.is_flush && broken) throw Unavailable{"the disk is gone"};
    if (work.is_flush) return true;
    if (!work.values) {
      connection_.run_removal(work.upsert, work.key);
      return true;
    }
    Values row = work.key;
    row.insert(row.end(), work.values->begin(), work.values->end());
    connection_.run_upsert(work.upsert, row);
    return true;
  }

  std::optional<QueuedRow> queued(const Upsert&, std::span<const Value>) const override { return std::nullopt; }

 private:
  static constexpr Query<std::tuple<std::string>> all_tables{
      "all_tables",
      "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name <> "
      "'schema_migrations'"};

  void serve(std::function<void()> call) {
    if (is_slow)
      waiting_.push_back(std::move(call));
    else
      call();
  }
  void run(Work& work) {
    std::exception_ptr failure;
    try {
      if (broken) throw Unavailable{"the disk is gone"};
      connection_.begin();
      work.run(connection_);
      connection_.commit();
    } catch (...) {
      failure = std::current_exception();
      if (connection_.in_transaction()) connection_.rollback();
    }
    work.finished(std::move(failure));
  }

  SqliteConnection connection_{":memory:", SqliteConnection::Mode::in_memory, std::chrono::milliseconds{0}};
  std::deque<std::function<void()>> waiting_;
};

}  // namespace meerkat::sql
