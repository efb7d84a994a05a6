// SPDX-License-Identifier: Apache-2.0
// A session through ODBC: whatever the driver does, nobody waits for it longer than he wants to.
#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "store/sql/odbc_hand.h"
#include "store/sql/session.h"

namespace meerkat::sql {

struct OdbcSettings {
  std::string connection;  // as unixODBC reads it: "DSN=…", or a driver and its settings
  std::chrono::milliseconds query_timeout{5000};
};

class OdbcSession final : public Session {
 public:
  explicit OdbcSession(OdbcSettings settings) : settings_(std::move(settings)) {}
  ~OdbcSession() override;
  OdbcSession(const OdbcSession&) = delete;
  OdbcSession& operator=(const OdbcSession&) = delete;

  void connect(SteadyTime until) override;
  void close() noexcept override;
  // Drivers do not show what they listen to: the end of a connection is seen when it is used.
  int descriptor() const override { return -1; }
  void hears() override {}
  void answer_by(SteadyTime until) override { until_ = until; }
  void interrupt() noexcept override;
  void ping() override;
  void begin() override;
  void commit() override { end(true); }
  void rollback() override;
  void begin_schema_change() override;

  Rows run_query(std::string_view name, std::string_view text, std::span<const Value> arguments,
                 std::size_t most_rows) override;
  std::uint64_t run_statement(std::string_view name, std::string_view text, std::span<const Value> arguments) override;
  std::uint64_t run_upsert(const Upsert& upsert, std::span<const Value> row) override;
  std::uint64_t run_removal(const Upsert& upsert, std::span<const Value> key) override;
  const Dialect& dialect() const override { return *dialect_; }

 private:
  void perform(OdbcHand::Order work);
  void leave(std::chrono::milliseconds most);
  void limit_statements(std::chrono::milliseconds most);
  OdbcOutcome run(OdbcStatement statement);
  void end(bool commit);

  const OdbcSettings settings_;
  const Dialect* dialect_ = nullptr;
  std::mutex mutex_;  // of what is changed of `hand_`, for who interrupts; its thread alone changes it
  std::shared_ptr<OdbcHand> hand_;
  OdbcHandsLeftBehind left_behind_;
  SteadyTime until_;
  bool changes_schema_ = false;
  std::string_view unlocks_;  // what lets other servers change tables again
};

}  // namespace meerkat::sql
