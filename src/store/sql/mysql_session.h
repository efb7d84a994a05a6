// SPDX-License-Identifier: Apache-2.0
// One connection to MySQL or MariaDB with its prepared statements. Nothing waits longer than the deadline it was given.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/clock.h"
#include "net/tls_client_section.h"
#include "store/sql/cut_off.h"
#include "store/sql/mysql_errors.h"
#include "store/sql/session.h"

struct ssl_st;
struct st_mysql;
struct st_mysql_stmt;

namespace meerkat::sql {

struct MysqlSettings {
  std::string host, database, username, password;
  std::uint16_t port = 3306;
  std::chrono::milliseconds query_timeout{5000};
  std::optional<TlsClientSettings> tls;
};

// Statements are sent one after the other: the protocol knows no more.
class MysqlSession final : public Session {
 public:
  explicit MysqlSession(MysqlSettings settings);
  ~MysqlSession() override;
  MysqlSession(const MysqlSession&) = delete;
  MysqlSession& operator=(const MysqlSession&) = delete;

  void connect(SteadyTime until) override;
  void close() noexcept override;
  int descriptor() const override;
  void hears() override;
  void answer_by(SteadyTime until) override { until_ = until; }
  void interrupt() noexcept override { cut_off_.interrupt(); }
  void ping() override;

  void begin() override { simple("BEGIN"); }
  void commit() override;
  void rollback() override;
  // Tables are changed outside of transactions here; what the migrations write is within.
  void begin_schema_change() override;
  void set_savepoint() override { simple("SAVEPOINT one"); }
  void keep_savepoint() override { simple("RELEASE SAVEPOINT one"); }
  void undo_to_savepoint() override { simple("ROLLBACK TO SAVEPOINT one"); }

  Rows run_query(std::string_view name, std::string_view text, std::span<const Value> arguments,
                 std::size_t most_rows) override;
  std::uint64_t run_statement(std::string_view name, std::string_view text, std::span<const Value> arguments) override;
  std::uint64_t run_upsert(const Upsert& upsert, std::span<const Value> row) override;
  std::uint64_t run_removal(const Upsert& upsert, std::span<const Value> key) override;
  void run_upserts(const Upsert& what, const Rows& rows) override;
  const Dialect& dialect() const override;

 private:
  struct CloseStatement {
    void operator()(st_mysql_stmt* statement) const noexcept;
  };
  using Prepared = std::unique_ptr<st_mysql_stmt, CloseStatement>;
  struct TextHash : std::hash<std::string_view> {
    using is_transparent = void;
  };
  class Result;

  void configure();
  void configure_tls();
  void log_in();
  void judge_server();
  void prepare_session();
  int wait_for(int events);
  // Runs one of the library's operations that do not block, until it is done.
  template <class Start, class GoOn>
  void drive(Start start, GoOn go_on) {
    int events = start();
    while (events != 0) events = go_on(wait_for(events));
  }
  void simple(std::string_view text);
  Prepared prepare(std::string_view name, std::string_view text);
  st_mysql_stmt* prepared(std::string_view name, std::string_view text);
  st_mysql_stmt* execute(std::string_view name, std::string_view text, std::span<const Value> arguments);
  void send_out(st_mysql_stmt* statement, std::string_view name, std::span<const Value> arguments);
  std::uint64_t changed(st_mysql_stmt* statement, std::string_view name);
  void begins_statement();
  void limit_statements(std::chrono::milliseconds most);
  void end_schema_change();
  [[noreturn]] void fail(std::string_view name, unsigned number, std::string_view words);
  [[noreturn]] void fail(std::string_view name);
  [[noreturn]] void fail(std::string_view name, st_mysql_stmt* statement);

  const MysqlSettings settings_;
  st_mysql* handle_ = nullptr;
  CutOff cut_off_;
  SteadyTime until_;
  SteadyTime statement_until_;
  std::chrono::milliseconds grace_{0};  // how much longer than the query_timeout we wait for the server's own
  bool is_mariadb_ = false;
  bool is_broken_ = false;
  bool changes_schema_ = false;                                                      // holds the lock of all who do
  std::unordered_map<std::string, Prepared, TextHash, std::equal_to<>> statements_;  // by text
};

// Of a connection that was made; null when it is not encrypted.
ssl_st* mysql_tls_session(st_mysql* handle);

}  // namespace meerkat::sql
