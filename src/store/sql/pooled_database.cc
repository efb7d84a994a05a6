// SPDX-License-Identifier: Apache-2.0
#include "store/sql/pooled_database.h"

#include <string>
#include <utility>

#include "base/log.h"
#include "store/sql/session_link.h"

namespace meerkat::sql {
namespace {

// How often who waits for the tables without an end looks whether something is wrong.
constexpr std::chrono::milliseconds look_interval{50};

SteadyTime now() { return std::chrono::steady_clock::now(); }

}  // namespace

PooledDatabase::PooledDatabase(const PooledDatabaseSettings& settings, const Dialect& dialect, MakeSession make_session)
    : dialect_(dialect),
      start_timeout_(settings.start_timeout),
      schemas_({settings.pool.name, settings.pool.connect_timeout, settings.pool.back_off}, make_session),
      pool_(settings.pool, [this, make = std::move(make_session), depth = settings.pool.depth] {
        return std::make_unique<SessionLink>(make(), schemas_, depth);
      }) {
  flusher_.emplace(pool_, settings.behind);
}

// Nobody waits for tables any more; what is queued is written if they are there.
PooledDatabase::~PooledDatabase() { schemas_.stop(); }

void PooledDatabase::prepare(const Schema& schema) {
  if (!schemas_.is_missing()) waited_in_vain_ = false;
  schemas_.add(schema);
  try {
    if (schemas_.wait(now() + (waited_in_vain_ ? std::chrono::milliseconds{0} : start_timeout_))) return;
  } catch (...) {
    schemas_.forget(schema);
    throw;  // for who cannot go on without the tables; the pool can
  }
  if (!std::exchange(waited_in_vain_, true))
    log_error("pool_start_failed", {{"pool", pool_.settings().name}, {"error", trouble()}});
}

void PooledDatabase::migrate(const Schema& schema) {
  schemas_.add(schema);
  while (!schemas_.wait(now() + look_interval)) {
    if (schemas_.is_under_way()) continue;
    if (!pool_.available() || !schemas_.trouble().empty()) throw Unavailable{trouble()};
  }
}

// Why the tables are not there; empty when it is not known yet.
std::string PooledDatabase::trouble() const {
  std::string words = schemas_.trouble();
  if (words.empty())
    for (const PoolWorkerState& worker : pool_.workers())
      if (!worker.last_error.empty()) words = worker.last_error;
  return words;
}

}  // namespace meerkat::sql
