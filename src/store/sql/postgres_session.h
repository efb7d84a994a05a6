// SPDX-License-Identifier: Apache-2.0
// One connection to PostgreSQL, always in pipeline mode: statements are prepared where they are first used, numbers
// and bytes travel in binary, and single statements are sent ahead of the answers to earlier ones.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "store/sql/cut_off.h"
#include "store/sql/postgres_connect.h"
#include "store/sql/postgres_errors.h"
#include "store/sql/postgres_values.h"
#include "store/sql/session.h"

struct pg_result;

namespace meerkat::sql {

class PostgresSession final : public Session {
 public:
  static constexpr std::size_t depth = 64;

  explicit PostgresSession(std::shared_ptr<const PostgresAddress> address) : address_(std::move(address)) {}

  void connect(SteadyTime until) override;
  void close() noexcept override;
  int descriptor() const override;
  void hears() override;
  void answer_by(SteadyTime until) override { until_ = until; }
  void interrupt() noexcept override { cut_off_.interrupt(); }
  void ping() override;

  void begin() override { begins_ = true; }
  void commit() override;
  void rollback() override;
  void begin_schema_change() override;
  void run_upserts(const Upsert& what, const Rows& rows) override;
  void run_removals(const Upsert& what, const Rows& keys) override;
  bool writes_rows_at_once() const override { return true; }

  void send(SingleWork& work) override;
  void receive(SingleWork& oldest) override;
  bool has_answer() override;

  Rows run_query(std::string_view name, std::string_view text, std::span<const Value> arguments,
                 std::size_t most_rows) override;
  std::uint64_t run_statement(std::string_view name, std::string_view text, std::span<const Value> arguments) override;
  std::uint64_t run_upsert(const Upsert& upsert, std::span<const Value> row) override;
  std::uint64_t run_removal(const Upsert& upsert, std::span<const Value> key) override;
  const Dialect& dialect() const override;

 private:
  struct FreeResult {
    void operator()(pg_result* result) const noexcept;
  };
  using Result = std::unique_ptr<pg_result, FreeResult>;
  struct Prepared {
    std::string text;  // in the server's words
    std::string name;  // at the server; empty while it is not there
    std::vector<pg::Oid> parameters;
    bool binary_rows = true;
  };
  struct TextHash : std::hash<std::string_view> {
    using is_transparent = void;
  };
  using Cache = std::unordered_map<std::string, Prepared, TextHash, std::equal_to<>>;
  using Parameters = std::vector<PostgresParameter>;
  // A single statement whose answer was not read yet.
  struct Sent {
    std::exception_ptr failure;  // it was not sent at all
    bool is_change = false;
    bool ends_group = false;  // a synchronisation follows
    bool binary_rows = true;
  };

  // In postgres_session.cc: whole statements.
  Prepared& find(std::string_view text);
  Prepared& find(const SingleStatement& what);
  Prepared& find_upsert(const Upsert& what);
  Prepared& find_removal(const Upsert& what);
  void prepare(std::string_view name, Prepared& statement);
  static Parameters encoded(std::string_view name, const Prepared& statement, std::span<const Value> arguments);
  Result run(std::string_view name, Prepared& statement, std::span<const Value> arguments);
  Result run(std::string_view name, Prepared& statement, const Parameters& parameters);
  Result run_plain(std::string_view name, const std::string& text);
  bool run_arrays(const Upsert& what, Prepared& one_row, const Rows& rows, const std::optional<std::string>& text);
  static Rows rows_of(const Result& result, bool binary_rows, std::size_t most_rows);
  static std::uint64_t changes_of(const Result& result);

  // In postgres_pipeline.cc: what goes over the connection, and what comes back.
  void send_now(const SingleStatement& what);
  void send_prepared(const Prepared& statement, const Parameters& parameters);
  void send_plain(const char* text);
  void synchronise();
  // To the end of one statement's answer, or of a synchronisation. A failure is noted, with the first one staying.
  Result read_answer(std::string_view name, Prepared* statement, std::exception_ptr& failure);
  void read_synchronisation(std::string_view name, std::exception_ptr& failure);
  Result next_result();
  void note(const Result& result, std::string_view name, Prepared* statement, std::exception_ptr& failure) const;
  void statement_begins();
  [[noreturn]] void lost(const std::string& words, Unavailable::Why why = Unavailable::Why::failed) const;

  const std::shared_ptr<const PostgresAddress> address_;
  PostgresHandle connection_;
  SteadyTime until_{};            // of everything
  SteadyTime statement_until_{};  // of the statement that is waited for
  Cache statements_;              // by text
  Cache upserts_;                 // by name
  Cache removals_;                // by name
  std::uint64_t names_ = 0;
  bool begins_ = false;        // BEGIN goes with the first statement
  bool is_unhurried_ = false;  // until the end of the transaction
  std::deque<Sent> sent_;
  std::deque<const SingleStatement*> waiting_;  // for the first of them to be prepared
  bool needs_synchronisation_ = false;
  CutOff cut_off_;
  std::string last_words_;  // of the server, while nothing was asked
};

}  // namespace meerkat::sql
