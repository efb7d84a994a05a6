// SPDX-License-Identifier: Apache-2.0
// The part of a PostgresSession that sends and reads: statements on their way, and how far one failure reaches.
// Reads that go together share a synchronisation; a change has its own, because it is done only with that.
#include <libpq-fe.h>
#include <poll.h>

#include <algorithm>
#include <utility>

#include "store/sql/postgres_session.h"

namespace meerkat::sql {
namespace {

// The server ends a statement that takes too long; only a server that does not even do that is given up.
constexpr std::chrono::milliseconds grace{1000};

std::string field_of(const pg_result* result, int field) {
  const char* const words = PQresultErrorField(result, field);
  return words == nullptr ? std::string{} : std::string{words};
}

}  // namespace

void PostgresSession::FreeResult::operator()(pg_result* result) const noexcept { PQclear(result); }

void PostgresSession::lost(const std::string& words, Unavailable::Why why) const { throw ConnectionLost{words, why}; }

void PostgresSession::statement_begins() {
  statement_until_ = until_;
  if (is_unhurried_ || address_->statement_timeout().count() == 0) return;
  statement_until_ = std::min(until_, std::chrono::steady_clock::now() + address_->statement_timeout() + grace);
}

void PostgresSession::send(SingleWork& work) {
  const SingleStatement& what = work.statement;
  if (waiting_.empty() && !find(what).name.empty())
    send_now(what);
  else
    waiting_.push_back(&what);
}

void PostgresSession::send_now(const SingleStatement& what) {
  const Prepared& statement = find(what);
  Sent sent{.is_change = what.most_rows == 0, .binary_rows = statement.binary_rows};
  if (sent.is_change && needs_synchronisation_) synchronise();
  try {
    send_prepared(statement, encoded(what.name, statement, what.arguments));
  } catch (const ConnectionLost&) {
    throw;
  } catch (...) {
    sent.failure = std::current_exception();  // told when its turn comes
  }
  const bool needs_own = sent.is_change && !sent.failure;
  sent_.push_back(std::move(sent));
  if (needs_own) synchronise();
}

void PostgresSession::send_prepared(const Prepared& statement, const Parameters& parameters) {
  std::vector<const char*> values;
  std::vector<int> lengths;
  std::vector<int> formats;
  values.reserve(parameters.size());
  lengths.reserve(parameters.size());
  formats.reserve(parameters.size());
  for (const PostgresParameter& parameter : parameters) {
    values.push_back(parameter.is_null ? nullptr : parameter.bytes.c_str());
    lengths.push_back(static_cast<int>(parameter.bytes.size()));
    formats.push_back(parameter.is_binary ? 1 : 0);
  }
  if (PQsendQueryPrepared(connection_.get(), statement.name.c_str(), static_cast<int>(parameters.size()), values.data(),
                          lengths.data(), formats.data(), statement.binary_rows ? 1 : 0) != 1)
    lost(postgres_words(connection_.get()));
  needs_synchronisation_ = true;
}

void PostgresSession::send_plain(const char* text) {
  if (PQsendQueryParams(connection_.get(), text, 0, nullptr, nullptr, nullptr, nullptr, 0) != 1)
    lost(postgres_words(connection_.get()));
}

void PostgresSession::synchronise() {
  if (PQpipelineSync(connection_.get()) != 1) lost(postgres_words(connection_.get()));
  needs_synchronisation_ = false;
  if (!sent_.empty()) sent_.back().ends_group = true;
}

void PostgresSession::receive(SingleWork& oldest) {
  if (sent_.empty()) {
    // It has not been sent because this connection did not know it yet; those behind it had to wait, too.
    const SingleStatement& what = *waiting_.front();
    waiting_.pop_front();
    prepare(what.name, find(what));
    send_now(what);
    for (; !waiting_.empty() && !find(*waiting_.front()).name.empty(); waiting_.pop_front())
      send_now(*waiting_.front());
  }
  if (needs_synchronisation_) synchronise();
  statement_begins();
  const SingleStatement& what = oldest.statement;
  Sent sent = std::move(sent_.front());
  sent_.pop_front();
  Result result;
  if (!sent.failure) result = read_answer(what.name, &find(what), sent.failure);
  if (sent.ends_group) {
    std::exception_ptr late = sent.failure;
    read_synchronisation(what.name, late);
    if (sent.is_change) sent.failure = late;
  }
  if (sent.failure) std::rethrow_exception(sent.failure);
  if (sent.is_change)
    oldest.answered({}, changes_of(result));
  else
    oldest.answered(rows_of(result, sent.binary_rows, what.most_rows), 0);
}

bool PostgresSession::has_answer() {
  if (sent_.empty()) return false;
  return sent_.front().failure != nullptr || PQisBusy(connection_.get()) == 0;
}

PostgresSession::Result PostgresSession::read_answer(std::string_view name, Prepared* statement,
                                                     std::exception_ptr& failure) {
  Result answer;
  while (Result result = next_result()) {
    if (PQresultStatus(result.get()) == PGRES_PIPELINE_SYNC) lost("the server's answers are out of step");
    note(result, name, statement, failure);
    answer = std::move(result);
  }
  return answer;
}

void PostgresSession::read_synchronisation(std::string_view name, std::exception_ptr& failure) {
  const Result result = next_result();
  if (result && PQresultStatus(result.get()) == PGRES_PIPELINE_SYNC) return;
  if (!result) lost("the server's answers are out of step");
  // What a change meets when it is committed.
  note(result, name, nullptr, failure);
  for (int nothing = 0; nothing < 2;) {
    const Result next = next_result();
    if (next && PQresultStatus(next.get()) == PGRES_PIPELINE_SYNC) return;
    if (!next) ++nothing;
  }
  lost("the server's answers are out of step");
}

// Null at the end of an answer.
PostgresSession::Result PostgresSession::next_result() {
  while (PQisBusy(connection_.get()) == 1) {
    const int unsent = PQflush(connection_.get());
    if (unsent < 0) lost(postgres_words(connection_.get()));
    const auto events = static_cast<short>(unsent == 1 ? POLLIN | POLLOUT : POLLIN);
    if (!wait_for_socket(PQsocket(connection_.get()), events, statement_until_))
      lost("no answer in time", Unavailable::Why::timed_out);
    if (PQconsumeInput(connection_.get()) != 1) lost(postgres_words(connection_.get()));
  }
  Result result{PQgetResult(connection_.get())};
  if (PQstatus(connection_.get()) != CONNECTION_OK) lost(postgres_words(connection_.get()));
  return result;
}

void PostgresSession::note(const Result& result, std::string_view name, Prepared* statement,
                           std::exception_ptr& failure) const {
  switch (PQresultStatus(result.get())) {
    case PGRES_COMMAND_OK:
    case PGRES_TUPLES_OK:
    case PGRES_EMPTY_QUERY:
      return;
    case PGRES_PIPELINE_ABORTED:
      if (!failure) failure = std::make_exception_ptr(Conflict{"a statement before it failed"});
      return;
    default:
      break;
  }
  const PostgresError error{field_of(result.get(), PG_DIAG_SQLSTATE),
                            field_of(result.get(), PG_DIAG_SEVERITY_NONLOCALIZED),
                            field_of(result.get(), PG_DIAG_MESSAGE_PRIMARY)};
  if (error.state.empty()) lost(postgres_words(connection_.get()));
  if (statement != nullptr && needs_new_preparation(error)) statement->name.clear();
  const std::exception_ptr met = postgres_failure(error, name);
  if (is_fatal(error)) std::rethrow_exception(met);
  if (!failure) failure = met;
}

}  // namespace meerkat::sql
