// SPDX-License-Identifier: Apache-2.0
#include "store/sql/odbc_session.h"

#include <algorithm>
#include <exception>
#include <utility>

#include <fmt/format.h>

#include "store/sql/dialect.h"
#include "store/sql/mysql_words.h"

namespace meerkat::sql {
namespace {

SteadyTime now() { return std::chrono::steady_clock::now(); }

// The server ends a statement by itself, to the second; only when it does not, the connection is given up.
constexpr std::chrono::milliseconds grace{1500};
constexpr std::chrono::milliseconds longest_good_bye{1000};

}  // namespace

OdbcSession::~OdbcSession() { close(); }

void OdbcSession::connect(SteadyTime until) {
  close();
  until_ = until;
  if (!left_behind_.have_room())
    throw ConnectionLost(
        fmt::format("the driver holds {} connections and does not give them back; another one is made "
                    "when it does",
                    OdbcHandsLeftBehind::most));
  {
    const std::lock_guard lock{mutex_};
    hand_ = OdbcHand::make();
  }
  const auto most = std::chrono::duration_cast<std::chrono::seconds>(until - now());
  auto dialect = std::make_shared<const Dialect*>(nullptr);
  changes_schema_ = true;  // no limit but `until`
  perform([settings = settings_, most, dialect](OdbcConnection& connection) {
    connection.connect(settings.connection, most, settings.query_timeout);
    *dialect = &connection.dialect();
  });
  changes_schema_ = false;
  dialect_ = *dialect;
}

void OdbcSession::close() noexcept {
  if (hand_) leave(longest_good_bye);
  changes_schema_ = false;
  unlocks_ = {};
}

void OdbcSession::leave(std::chrono::milliseconds most) {
  std::shared_ptr<OdbcHand> hand;
  {
    const std::lock_guard lock{mutex_};
    hand = std::exchange(hand_, nullptr);
  }
  hand->leave(most);
  if (!hand->has_left()) left_behind_.add(hand);
}

void OdbcSession::interrupt() noexcept {
  const std::lock_guard lock{mutex_};
  if (hand_) hand_->interrupt();
}

void OdbcSession::perform(OdbcHand::Order work) {
  if (!hand_) throw ConnectionLost("the connection is broken");
  const bool is_limited = settings_.query_timeout.count() > 0 && !changes_schema_;
  const SteadyTime until = is_limited ? std::min(until_, now() + settings_.query_timeout + grace) : until_;
  if (hand_->does(std::move(work), until)) return;
  leave(std::chrono::milliseconds{0});
  throw ConnectionLost("no answer in time", Unavailable::Why::timed_out);
}

// What the driver may still look at when we have given up belongs to it.
OdbcOutcome OdbcSession::run(OdbcStatement statement) {
  auto outcome = std::make_shared<OdbcOutcome>();
  perform([statement = std::move(statement), outcome](OdbcConnection& connection) {
    *outcome = connection.run(statement);
  });
  return std::move(*outcome);
}

Rows OdbcSession::run_query(std::string_view name, std::string_view text, std::span<const Value> arguments,
                            std::size_t most_rows) {
  return run({std::string{name}, std::string{text}, {arguments.begin(), arguments.end()}, most_rows}).rows;
}

std::uint64_t OdbcSession::run_statement(std::string_view name, std::string_view text,
                                         std::span<const Value> arguments) {
  return run({std::string{name}, std::string{text}, {arguments.begin(), arguments.end()}}).changed;
}

std::uint64_t OdbcSession::run_upsert(const Upsert& upsert, std::span<const Value> row) {
  return run_statement(upsert.name, dialect().upsert(upsert), row);
}

std::uint64_t OdbcSession::run_removal(const Upsert& upsert, std::span<const Value> key) {
  return run_statement(upsert.name, dialect().removal(upsert), key);
}

void OdbcSession::ping() { run_query("ping", "SELECT 1", {}, 1); }

void OdbcSession::begin() {
  perform([](OdbcConnection& connection) { connection.begin(); });
}

void OdbcSession::end(bool commit) {
  perform([commit](OdbcConnection& connection) { connection.end(commit); });
  if (!changes_schema_) return;
  if (!unlocks_.empty()) run_query("schema_unlock", std::exchange(unlocks_, {}), {}, 1);
  limit_statements(settings_.query_timeout);
  changes_schema_ = false;
}

void OdbcSession::rollback() {
  try {
    end(false);
  } catch (const ConnectionLost&) {
    throw;
  } catch (...) {
    throw ConnectionLost(words_of(std::current_exception()));  // then the server does it
  }
}

void OdbcSession::limit_statements(std::chrono::milliseconds most) {
  perform([most](OdbcConnection& connection) { connection.limit_statements(most); });
}

// SQLite has one writer at a time, which is who changes the tables.
void OdbcSession::begin_schema_change() {
  changes_schema_ = true;
  limit_statements(std::chrono::milliseconds{0});
  if (dialect_ == &mysql_dialect()) {
    take_mysql_schema_lock(*this, until_);
    unlocks_ = mysql_schema_unlock;
  }
  begin();
  if (dialect_ == &odbc_postgresql_dialect())
    run_query("schema_lock", "SELECT CAST(pg_advisory_xact_lock(5222526952805280) AS TEXT)", {}, 1);
}

}  // namespace meerkat::sql
