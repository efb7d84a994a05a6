// SPDX-License-Identifier: Apache-2.0
#include "store/sql/pooled_database.h"

#include <algorithm>
#include <semaphore>
#include <utility>

#include "base/log.h"
#include "store/sql/session_link.h"

namespace meerkat::sql {
namespace {

// How often who waits for the first connection looks whether the schema was refused.
constexpr std::chrono::milliseconds look_interval{50};

SteadyTime now() { return std::chrono::steady_clock::now(); }

// Asks nothing: what is missing of the schemas is applied before any call.
class WaitForSchemas final : public Work {
 public:
  void run(Transaction&) override {}
  void finished(std::exception_ptr failure) noexcept override {
    failure_ = std::move(failure);
    done_.release();
  }
  std::exception_ptr wait() {
    done_.acquire();
    return std::move(failure_);
  }

 private:
  std::exception_ptr failure_;
  std::binary_semaphore done_{0};
};

}  // namespace

PooledDatabase::PooledDatabase(const PooledDatabaseSettings& settings, const Dialect& dialect, MakeSession make_session)
    : dialect_(dialect),
      start_timeout_(settings.start_timeout),
      schemas_(settings.pool.name),
      pool_(settings.pool, [this, make = std::move(make_session), depth = settings.pool.depth] {
        return std::make_unique<SessionLink>(make(), schemas_, depth);
      }) {
  flusher_.emplace(pool_, settings.behind);
}

PooledDatabase::~PooledDatabase() = default;

bool PooledDatabase::wait_for_connection(SteadyTime until) {
  while (!pool_.wait_until_connected(std::min(until, now() + look_interval))) {
    schemas_.throw_refusal();
    if (now() >= until) return false;
  }
  return true;
}

void PooledDatabase::start_failed(std::string_view error) {
  if (!std::exchange(waited_in_vain_, true))
    log_error("pool_start_failed", {{"pool", pool_.settings().name}, {"error", error}});
}

void PooledDatabase::prepare(const Schema& schema) {
  schemas_.add(schema);
  const SteadyTime until = now() + (waited_in_vain_ ? std::chrono::milliseconds{0} : start_timeout_);
  std::string error = "no connection";
  try {
    // The connection may break under it, and there may be another one.
    while (wait_for_connection(until)) {
      WaitForSchemas work;
      pool_.submit(work);
      const std::exception_ptr failure = work.wait();
      if (!failure) return;
      schemas_.throw_refusal();
      error = words_of(failure);
      if (now() >= until) break;
    }
  } catch (...) {
    schemas_.forget(schema);
    throw;  // for who cannot go on without the tables; the pool can
  }
  if (error == "no connection")
    for (const PoolWorkerState& worker : pool_.workers())
      if (!worker.last_error.empty()) error = worker.last_error;
  start_failed(error);
}

}  // namespace meerkat::sql
