// SPDX-License-Identifier: Apache-2.0
// Test support: a database in a process of its own that is none: connections of a pool to an SQLite file, which break
// when the test says so.
#pragma once

#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "store/sql/pooled_database.h"
#include "store/sql/sqlite_connection.h"

namespace meerkat::sql {

class TestServer {
 public:
  explicit TestServer(std::filesystem::path file) : file_(std::move(file)) {}

  MakeSession make_session() {
    return [this] { return std::make_unique<TestSession>(*this); };
  }
  void goes_away() { set(absent_, true); }
  void comes_back() { set(absent_, false); }
  // So many transactions meet another one in their way when they want to be committed.
  void conflicts(int times) { set(conflicts_, times); }
  // The connection breaks under the next statement, or when the next transaction has been committed.
  void breaks() { set(breaks_, 1); }
  void breaks_in_commit() { set(breaks_in_commit_, 1); }
  // Another server is changing tables, and takes its time.
  void is_busy() { set(is_busy_, true); }
  void is_free() { set(is_busy_, false); }
  // Blocks until somebody wants to change tables.
  void wait_for_change() {
    std::unique_lock lock{mutex_};
    changed_.wait(lock, [this] { return changes_begun_ > 0; });
  }
  int transactions() const { return get(transactions_); }
  int batches() const { return get(batches_); }

 private:
  class TestSession final : public Session {
   public:
    explicit TestSession(TestServer& server) : server_(server) {}

    void connect(SteadyTime) override {
      if (server_.get(server_.absent_)) throw ConnectionLost{"nobody is at home"};
      connection_.emplace(server_.file_, SqliteConnection::Mode::write, std::chrono::milliseconds{5000});
    }
    void close() noexcept override { connection_.reset(); }
    int descriptor() const override { return -1; }
    void hears() override {}
    void answer_by(SteadyTime) override {}
    void ping() override {}
    void begin() override {
      look();
      server_.add(server_.transactions_, 1);
      connection_->begin();
    }
    void commit() override {
      if (server_.take(server_.conflicts_)) throw Conflict{"somebody was in the way"};
      connection_->commit();
      if (server_.take(server_.breaks_in_commit_)) throw ConnectionLost{"the line is cut"};
    }
    void rollback() override { connection_->rollback(); }
    void begin_schema_change() override {
      server_.changes_tables(is_interrupted_);
      begin();
    }
    void interrupt() noexcept override { server_.set(is_interrupted_, true); }
    void run_upserts(const Upsert& what, const Rows& rows) override {
      server_.add(server_.batches_, 1);
      Session::run_upserts(what, rows);
    }
    Rows run_query(std::string_view name, std::string_view text, std::span<const Value> arguments,
                   std::size_t most_rows) override {
      look();
      return connection_->run_query(name, text, arguments, most_rows);
    }
    std::uint64_t run_statement(std::string_view name, std::string_view text,
                                std::span<const Value> arguments) override {
      look();
      return connection_->run_statement(name, text, arguments);
    }
    std::uint64_t run_upsert(const Upsert& upsert, std::span<const Value> row) override {
      look();
      return connection_->run_upsert(upsert, row);
    }
    std::uint64_t run_removal(const Upsert& upsert, std::span<const Value> key) override {
      return connection_->run_removal(upsert, key);
    }
    const Dialect& dialect() const override { return connection_->dialect(); }

   private:
    void look() const {
      if (server_.get(server_.absent_) || server_.take(server_.breaks_)) throw ConnectionLost{"the line is cut"};
    }

    TestServer& server_;
    std::optional<SqliteConnection> connection_;
    bool is_interrupted_ = false;
  };

  void changes_tables(const bool& is_interrupted) {
    std::unique_lock lock{mutex_};
    ++changes_begun_;
    changed_.notify_all();
    changed_.wait(lock, [&] { return !is_busy_ || is_interrupted; });
    if (is_interrupted) throw ConnectionLost{"the line is cut"};
  }

  template <class T>
  T get(const T& what) const {
    const std::lock_guard lock{mutex_};
    return what;
  }
  template <class T>
  void set(T& what, T value) {
    const std::lock_guard lock{mutex_};
    what = value;
    changed_.notify_all();
  }
  void add(int& what, int more) {
    const std::lock_guard lock{mutex_};
    what += more;
  }
  bool take(int& what) {
    const std::lock_guard lock{mutex_};
    if (what == 0) return false;
    --what;
    return true;
  }

  const std::filesystem::path file_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool absent_ = false;
  bool is_busy_ = false;
  int changes_begun_ = 0;
  int conflicts_ = 0;
  int breaks_ = 0;
  int breaks_in_commit_ = 0;
  int transactions_ = 0;
  int batches_ = 0;
};

}  // namespace meerkat::sql
