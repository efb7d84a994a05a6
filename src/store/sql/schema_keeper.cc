// SPDX-License-Identifier: Apache-2.0
#include "store/sql/schema_keeper.h"

#include <pthread.h>

#include <algorithm>
#include <iterator>
#include <ranges>
#include <utility>

#include "base/log.h"
#include "base/random.h"
#include "store/sql/failure_kind.h"

namespace meerkat::sql {
namespace {

// Indexes of large tables take their time, and another server may be at it already.
constexpr std::chrono::minutes longest_change{30};
// The connection is kept this long for the next schema: at the start they come one after the other.
constexpr std::chrono::seconds lingers{1};

SteadyTime now() { return std::chrono::steady_clock::now(); }

}  // namespace

void SchemaKeeper::add(const Schema& schema) {
  const std::lock_guard lock{mutex_};
  const auto applied = applied_.find(schema.name);
  if (schemas_.empty() && applied != applied_.end() && applied->second == form_of(schema)) return;
  schemas_.push_back(schema);
  missing_.store(true, std::memory_order_release);
  is_due_ = true;
  if (!thread_.joinable() && !stopping_)
    thread_ = std::thread([this] {
      ::pthread_setname_np(::pthread_self(), "store-schemas");
      serve();
    });
  changed_.notify_all();
}

void SchemaKeeper::forget(const Schema& schema) {
  const std::lock_guard lock{mutex_};
  // The one that was added last: others of its name may be those of modules that run.
  const auto mine = std::ranges::find(schemas_ | std::views::reverse, schema.name, &Schema::name);
  if (mine != schemas_.rend()) schemas_.erase(std::next(mine).base());
  refusal_ = nullptr;
  trouble_.ends();  // told to who asked
  is_due_ = true;
  missing_.store(!schemas_.empty(), std::memory_order_release);
  changed_.notify_all();
}

void SchemaKeeper::somebody_connected() {
  const std::lock_guard lock{mutex_};
  may_connect_ = is_due_ = true;
  last_error_.clear();  // who asks now waits for the next attempt
  changed_.notify_all();
}

void SchemaKeeper::stop() noexcept {
  {
    const std::lock_guard lock{mutex_};
    stopping_ = true;
    if (under_way_ != nullptr) under_way_->interrupt();
    changed_.notify_all();
  }
  if (thread_.joinable()) thread_.join();
}

bool SchemaKeeper::wait(SteadyTime until) {
  Lock lock{mutex_};
  changed_.wait_until(lock, until, [this] { return has_answer(); });
  if (refusal_) std::rethrow_exception(refusal_);
  return schemas_.empty();
}

void SchemaKeeper::expect_all(SteadyTime until) {
  Lock lock{mutex_};
  changed_.wait_until(lock, until, [this] { return has_answer() || has_failed(); });
  if (schemas_.empty()) return;
  if (stopping_) throw Unavailable{"the server is stopping", Unavailable::Why::stopped};
  if (refusal_) throw Unavailable{"the tables are not as they should be: " + words_of(refusal_)};
  if (has_failed()) throw Unavailable{"the tables are not there yet: " + last_error_};
  throw Unavailable{"the tables are not there yet", Unavailable::Why::timed_out};
}

bool SchemaKeeper::is_under_way() const {
  const std::lock_guard lock{mutex_};
  return under_way_ != nullptr;
}

std::string SchemaKeeper::trouble() const {
  const std::lock_guard lock{mutex_};
  return under_way_ != nullptr ? "the tables are still being changed" : last_error_;
}

SchemaKeeper::Form SchemaKeeper::form_of(const Schema& schema) {
  Form form;
  for (const Migration& migration : schema.migrations) form.newest = std::max(form.newest, migration.number);
  for (const Table& table : schema.tables) form.columns += table.columns.size();
  return form;
}

// ---- On the thread

void SchemaKeeper::serve() {
  Connection connection;
  Lock lock{mutex_};
  const auto has_work = [this] { return stopping_ || (!schemas_.empty() && may_connect_); };
  while (!stopping_) {
    if (connection.is_there && !changed_.wait_for(lock, lingers, has_work)) close(lock, connection);
    changed_.wait(lock, has_work);
    if (!stopping_) try_all(lock, connection);
  }
  close(lock, connection);
}

void SchemaKeeper::try_all(Lock& lock, Connection& connection) {
  is_due_ = false;
  std::exception_ptr failure;
  while (!stopping_ && !schemas_.empty() && !failure) {
    const Schema schema = schemas_.front();
    lock.unlock();
    try {
      Session& session = connected(connection);
      lock.lock();
      if (stopping_) return;
      under_way_ = &session;
      lock.unlock();
      apply_to(session, schema);
    } catch (...) {
      failure = std::current_exception();  // told to the operator, and to those who wait
    }
    lock.lock();
    under_way_ = nullptr;
    if (!failure) applied(schema);
  }
  if (!failure || stopping_) return;
  const std::chrono::milliseconds delay = failed(failure);
  close(lock, connection);  // it may be what is wrong
  changed_.wait_for(lock, delay, [this] { return stopping_ || is_due_; });
}

Session& SchemaKeeper::connected(Connection& connection) const {
  if (!connection.session) connection.session = make_session_();
  if (!connection.is_there) connection.session->connect(now() + settings_.connect_timeout);
  connection.is_there = true;
  return *connection.session;
}

// Without the lock.
void SchemaKeeper::close(Lock& lock, Connection& connection) {
  lock.unlock();
  if (connection.session) connection.session->close();
  connection.is_there = false;
  lock.lock();
}

void SchemaKeeper::apply_to(Session& session, const Schema& schema) const {
  session.answer_by(now() + longest_change);
  session.begin_schema_change();
  try {
    apply(schema, session, settings_.database);
    session.commit();
  } catch (const ConnectionLost&) {
    throw;
  } catch (...) {
    session.rollback();
    throw;  // with nothing left behind
  }
}

void SchemaKeeper::applied(const Schema& schema) {
  applied_.insert_or_assign(std::string{schema.name}, form_of(schema));
  // It may have been forgotten meanwhile.
  if (!schemas_.empty() && schemas_.front().name == schema.name) schemas_.erase(schemas_.begin());
  refusal_ = nullptr;
  last_error_.clear();
  back_off_.worked();
  if (const auto failures = trouble_.ends())
    log_notice("pool_schema_applied", {{"pool", settings_.database}, {"schema", schema.name}, {"failures", *failures}});
  missing_.store(!schemas_.empty(), std::memory_order_release);
  changed_.notify_all();
}

// Brings the time until the next attempt.
std::chrono::milliseconds SchemaKeeper::failed(const std::exception_ptr& failure) {
  const std::chrono::milliseconds delay = back_off_.failed(random_u64());
  last_error_ = words_of(failure);
  refusal_ = is_unavailable(failure) ? nullptr : failure;
  if (trouble_.begins())
    log_error("pool_schema_failed",
              {{"pool", settings_.database}, {"error", last_error_}, {"next_try_in_ms", delay.count()}});
  changed_.notify_all();
  return delay;
}

}  // namespace meerkat::sql
