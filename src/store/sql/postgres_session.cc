// SPDX-License-Identifier: Apache-2.0
#include "store/sql/postgres_session.h"

#include <libpq-fe.h>

#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/format.h>

#include "store/sql/dialect.h"
#include "store/sql/postgres_batches.h"

namespace meerkat::sql {
namespace {

// More statements than any server declares: whoever builds texts must not fill the memory with them.
constexpr std::size_t most_prepared = 1000;

// One server at a time changes tables; the number is ours among all advisory locks of the database.
constexpr const char* lock_of_schemas = "SELECT pg_advisory_xact_lock(5222526952805280)";

// All else (CREATE, SAVEPOINT, SET) is asked once, or costs nothing to parse.
bool is_worth_preparing(std::string_view text) {
  constexpr std::array<std::string_view, 5> verbs{"SELECT", "INSERT", "UPDATE", "DELETE", "WITH"};
  return std::ranges::any_of(verbs, [text](std::string_view verb) { return text.starts_with(verb); });
}

bool all_have_binary_form(const pg_result* description) {
  for (int i = 0; i < PQnfields(description); ++i)
    if (!has_binary_form(PQftype(description, i))) return false;
  return true;
}

}  // namespace

void PostgresSession::connect(SteadyTime until) {
  close();
  connection_ = address_->connect(until);
  const auto hear = [](void* session, const char* words) {
    const std::string_view text{words};
    // The end of a connection is announced while nothing is asked; all other notices are chatter.
    if (text.starts_with("FATAL"))
      static_cast<PostgresSession*>(session)->last_words_ = text.substr(0, text.find('\n'));
  };
  PQsetNoticeProcessor(connection_.get(), hear, this);
  cut_off_.remember(descriptor());
}

void PostgresSession::close() noexcept {
  cut_off_.forget();
  connection_.reset();
  statements_.clear();
  upserts_.clear();
  removals_.clear();
  sent_.clear();
  waiting_.clear();
  last_words_.clear();
  begins_ = is_unhurried_ = needs_synchronisation_ = false;
}

int PostgresSession::descriptor() const { return PQsocket(connection_.get()); }

void PostgresSession::hears() {
  const bool is_there = PQconsumeInput(connection_.get()) == 1;
  [[maybe_unused]] const int busy = PQisBusy(connection_.get());  // reads what came
  if (is_there && PQstatus(connection_.get()) == CONNECTION_OK) return;
  lost(last_words_.empty() ? postgres_words(connection_.get()) : last_words_);
}

const Dialect& PostgresSession::dialect() const { return postgresql_dialect(); }

void PostgresSession::ping() { run_plain("ping", "SELECT 1"); }

void PostgresSession::commit() {
  is_unhurried_ = false;
  if (std::exchange(begins_, false)) return;
  const Result result = run_plain("commit", "COMMIT");
  // A transaction in which a statement failed says ROLLBACK here, without an error.
  if (std::string_view{PQcmdStatus(result.get())} != "COMMIT") throw Unavailable{"commit: the transaction was undone"};
}

void PostgresSession::rollback() {
  is_unhurried_ = false;
  if (std::exchange(begins_, false)) return;
  try {
    run_plain("rollback", "ROLLBACK");
  } catch (const std::exception& failure) {
    lost(failure.what());
  }
}

void PostgresSession::begin_schema_change() {
  begins_ = true;
  is_unhurried_ = true;
  run_plain("schema_lock", "SET LOCAL statement_timeout = 0");
  run_plain("schema_lock", lock_of_schemas);
}

PostgresSession::Prepared& PostgresSession::find(std::string_view text) {
  if (const auto found = statements_.find(text); found != statements_.end()) return found->second;
  if (statements_.size() >= most_prepared) statements_.clear();
  Prepared& made = statements_[std::string{text}];
  made.text = dialect().placeholders(text);
  return made;
}

PostgresSession::Prepared& PostgresSession::find_upsert(const Upsert& what) {
  if (const auto found = upserts_.find(what.name); found != upserts_.end()) return found->second;
  Prepared& made = upserts_[std::string{what.name}];
  made.text = dialect().upsert(what);
  return made;
}

PostgresSession::Prepared& PostgresSession::find_removal(const Upsert& what) {
  if (const auto found = removals_.find(what.name); found != removals_.end()) return found->second;
  Prepared& made = removals_[std::string{what.name}];
  made.text = dialect().removal(what);
  return made;
}

PostgresSession::Prepared& PostgresSession::find(const SingleStatement& what) {
  return what.upsert != nullptr ? find_upsert(*what.upsert) : find(what.text);
}

// One round trip, once for each connection: afterwards the types of the parameters and of the rows are known.
void PostgresSession::prepare(std::string_view name, Prepared& statement) {
  if (!statement.name.empty()) return;
  const std::string at_server = fmt::format("s{}", ++names_);
  if (PQsendPrepare(connection_.get(), at_server.c_str(), statement.text.c_str(), 0, nullptr) != 1 ||
      PQsendDescribePrepared(connection_.get(), at_server.c_str()) != 1 || PQpipelineSync(connection_.get()) != 1)
    lost(postgres_words(connection_.get()));
  statement_begins();
  std::exception_ptr failure;
  read_answer(name, nullptr, failure);
  const Result description = read_answer(name, nullptr, failure);
  read_synchronisation(name, failure);
  if (failure) std::rethrow_exception(failure);
  statement.parameters.clear();
  for (int i = 0; i < PQnparams(description.get()); ++i)
    statement.parameters.push_back(PQparamtype(description.get(), i));
  statement.binary_rows = all_have_binary_form(description.get());
  statement.name = at_server;
}

PostgresSession::Parameters PostgresSession::encoded(std::string_view name, const Prepared& statement,
                                                     std::span<const Value> arguments) {
  if (arguments.size() != statement.parameters.size())
    throw BadStatement(
        fmt::format("{}: {} parameters, {} arguments", name, statement.parameters.size(), arguments.size()));
  Parameters parameters;
  parameters.reserve(arguments.size());
  for (std::size_t i = 0; i < arguments.size(); ++i)
    parameters.push_back(postgres_parameter(arguments[i], statement.parameters[i]));
  return parameters;
}

PostgresSession::Result PostgresSession::run(std::string_view name, Prepared& statement,
                                             std::span<const Value> arguments) {
  prepare(name, statement);
  return run(name, statement, encoded(name, statement, arguments));
}

PostgresSession::Result PostgresSession::run(std::string_view name, Prepared& statement, const Parameters& parameters) {
  const bool begins = std::exchange(begins_, false);
  if (begins) send_plain("BEGIN");
  send_prepared(statement, parameters);
  synchronise();
  statement_begins();
  std::exception_ptr failure;
  if (begins) read_answer(name, nullptr, failure);
  Result result = read_answer(name, &statement, failure);
  read_synchronisation(name, failure);
  if (failure) std::rethrow_exception(failure);
  return result;
}

PostgresSession::Result PostgresSession::run_plain(std::string_view name, const std::string& text) {
  const bool begins = std::exchange(begins_, false);
  if (begins) send_plain("BEGIN");
  send_plain(text.c_str());
  synchronise();
  statement_begins();
  std::exception_ptr failure;
  if (begins) read_answer(name, nullptr, failure);
  Result result = read_answer(name, nullptr, failure);
  read_synchronisation(name, failure);
  if (failure) std::rethrow_exception(failure);
  return result;
}

Rows PostgresSession::run_query(std::string_view name, std::string_view text, std::span<const Value> arguments,
                                std::size_t most_rows) {
  if (arguments.empty() && !is_worth_preparing(text))
    return rows_of(run_plain(name, std::string{text}), false, most_rows);
  Prepared& statement = find(text);
  const Result result = run(name, statement, arguments);
  return rows_of(result, statement.binary_rows, most_rows);
}

std::uint64_t PostgresSession::run_statement(std::string_view name, std::string_view text,
                                             std::span<const Value> arguments) {
  if (arguments.empty() && !is_worth_preparing(text)) return changes_of(run_plain(name, std::string{text}));
  return changes_of(run(name, find(text), arguments));
}

std::uint64_t PostgresSession::run_upsert(const Upsert& upsert, std::span<const Value> row) {
  return changes_of(run(upsert.name, find_upsert(upsert), row));
}

std::uint64_t PostgresSession::run_removal(const Upsert& upsert, std::span<const Value> key) {
  return changes_of(run(upsert.name, find_removal(upsert), key));
}

void PostgresSession::run_upserts(const Upsert& what, const Rows& rows) {
  Prepared& one_row = find_upsert(what);
  prepare(what.name, one_row);
  if (!run_arrays(what, one_row, rows, postgres_upserts(what, one_row.parameters))) Session::run_upserts(what, rows);
}

void PostgresSession::run_removals(const Upsert& what, const Rows& keys) {
  Prepared& one_row = find_removal(what);
  prepare(what.name, one_row);
  if (!run_arrays(what, one_row, keys, postgres_removals(what, one_row.parameters))) Session::run_removals(what, keys);
}

// False when a column has a type that has no array here.
bool PostgresSession::run_arrays(const Upsert& what, Prepared& one_row, const Rows& rows,
                                 const std::optional<std::string>& text) {
  if (!text || rows.columns != one_row.parameters.size()) return false;
  Parameters arrays;
  for (std::size_t i = 0; i < rows.columns; ++i)
    arrays.push_back({.bytes = postgres_array(rows, i, one_row.parameters[i]), .is_binary = true});
  Prepared& statement = find(*text);
  prepare(what.name, statement);
  run(what.name, statement, arrays);
  return true;
}

Rows PostgresSession::rows_of(const Result& result, bool binary_rows, std::size_t most_rows) {
  Rows rows;
  const int columns = PQnfields(result.get());
  const auto count = std::min<std::size_t>(static_cast<std::size_t>(PQntuples(result.get())), most_rows);
  rows.columns = static_cast<std::size_t>(columns);
  rows.cells.reserve(count * rows.columns);
  for (int row = 0; static_cast<std::size_t>(row) < count; ++row) {
    for (int column = 0; column < columns; ++column) {
      if (PQgetisnull(result.get(), row, column) == 1) {
        rows.cells.emplace_back();
        continue;
      }
      const std::string_view bytes{PQgetvalue(result.get(), row, column),
                                   static_cast<std::size_t>(PQgetlength(result.get(), row, column))};
      rows.cells.push_back(postgres_cell(bytes, PQftype(result.get(), column), binary_rows));
    }
  }
  return rows;
}

std::uint64_t PostgresSession::changes_of(const Result& result) {
  const std::string_view words = PQcmdTuples(result.get());
  std::uint64_t changes = 0;
  std::from_chars(words.data(), words.data() + words.size(), changes);
  return changes;
}

}  // namespace meerkat::sql
