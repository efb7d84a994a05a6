// SPDX-License-Identifier: Apache-2.0
#include "store/sql/odbc_session.h"

#include <pthread.h>

#include <algorithm>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>
#include <utility>

#include "store/sql/dialect.h"

namespace meerkat::sql {
namespace {

SteadyTime now() { return std::chrono::steady_clock::now(); }

// The server ends a statement by itself, to the second; only when it does not, the connection is given up.
constexpr std::chrono::milliseconds grace{1500};
constexpr std::chrono::milliseconds longest_good_bye{1000};

}  // namespace

// The thread that the driver may block. One that the driver does not give back is left behind with its connection, and
// ends when it does.
class OdbcSession::Hand {
 public:
  using Order = std::function<void(OdbcConnection&)>;

  static std::shared_ptr<Hand> make() {
    auto hand = std::make_shared<Hand>();
    std::thread([hand] {
      ::pthread_setname_np(::pthread_self(), "store-odbc");
      hand->serve();
    }).detach();
    return hand;
  }

  // False when it is not done by then. Throws what the order threw.
  bool does(Order order, SteadyTime until) {
    std::unique_lock lock{mutex_};
    order_ = std::move(order);
    is_done_ = false;
    changed_.notify_all();
    if (!changed_.wait_until(lock, until, [this] { return is_done_; })) return false;
    if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
    return true;
  }

  // Waits for the end of the connection, but not for long.
  void leave(std::chrono::milliseconds most) {
    std::unique_lock lock{mutex_};
    is_leaving_ = true;
    changed_.notify_all();
    changed_.wait_for(lock, most, [this] { return has_left_; });
  }

 private:
  void serve() {
    std::unique_lock lock{mutex_};
    for (;;) {
      changed_.wait(lock, [this] { return is_leaving_ || order_; });
      if (is_leaving_) break;
      const Order order = std::exchange(order_, nullptr);
      lock.unlock();
      std::exception_ptr failure;
      try {
        order(connection_);
      } catch (...) {
        failure = std::current_exception();  // thrown where the order came from
      }
      lock.lock();
      failure_ = std::move(failure);
      is_done_ = true;
      changed_.notify_all();
    }
    lock.unlock();
    connection_.disconnect();
    lock.lock();
    has_left_ = true;
    changed_.notify_all();
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  Order order_;
  std::exception_ptr failure_;
  bool is_done_ = false;
  bool is_leaving_ = false;
  bool has_left_ = false;
  OdbcConnection connection_;  // the thread's
};

OdbcSession::~OdbcSession() { close(); }

void OdbcSession::connect(SteadyTime until) {
  close();
  until_ = until;
  hand_ = Hand::make();
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
  if (const auto hand = std::exchange(hand_, nullptr)) hand->leave(longest_good_bye);
  changes_schema_ = false;
  unlocks_.clear();
}

void OdbcSession::perform(std::function<void(OdbcConnection&)> work) {
  if (!hand_) throw ConnectionLost("the connection is broken");
  const bool is_limited = settings_.query_timeout.count() > 0 && !changes_schema_;
  const SteadyTime until = is_limited ? std::min(until_, now() + settings_.query_timeout + grace) : until_;
  if (hand_->does(std::move(work), until)) return;
  std::exchange(hand_, nullptr)->leave(std::chrono::milliseconds{0});
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
  if (!unlocks_.empty()) run_query("schema_unlock", std::exchange(unlocks_, {}), {}, 1);
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

void OdbcSession::begin_schema_change() {
  changes_schema_ = true;
  if (dialect_ == &mysql_dialect()) {
    run_query("schema_lock", "SELECT GET_LOCK('meerkat_schema', 600)", {}, 1);
    unlocks_ = "SELECT RELEASE_LOCK('meerkat_schema')";
  }
  begin();
  if (dialect_ == &odbc_postgresql_dialect())
    run_query("schema_lock", "SELECT CAST(pg_advisory_xact_lock(5222526952805280) AS TEXT)", {}, 1);
}

}  // namespace meerkat::sql
