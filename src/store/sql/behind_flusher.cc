// SPDX-License-Identifier: Apache-2.0
#include "store/sql/behind_flusher.h"

#include <pthread.h>

#include <chrono>
#include <semaphore>
#include <utility>

#include "store/sql/session.h"

namespace meerkat::sql {
namespace {

// Rows of one transaction: enough to be cheap, few enough not to keep others from their rows for long.
constexpr std::size_t most_rows = 1000;
constexpr std::chrono::milliseconds retry_after{1000};

SteadyTime now() { return std::chrono::steady_clock::now(); }

// A part of a batch as one transaction.
class FlushWork final : public Work {
 public:
  explicit FlushWork(WriteBehind::Changes& changes) : changes_(changes) { several_statements = true; }

  // Each row by itself: finds those that the database does not take, and writes the others.
  bool one_by_one = false;

  void run(Transaction& transaction) override {
    // Only sessions run works of a pool.
    auto& session = static_cast<Session&>(transaction);
    if (one_by_one) {
      for (auto& [ordered, change] : changes_) run(session, change);
      return;
    }
    for (auto change = changes_.begin(); change != changes_.end();) change = run_alike(session, change);
  }

  void finished(std::exception_ptr failure) noexcept override {
    failure_ = std::move(failure);
    done_.release();
  }
  std::exception_ptr wait() {
    done_.acquire();
    return std::exchange(failure_, nullptr);
  }

 private:
  using Place = WriteBehind::Changes::iterator;

  static void append(Values& cells, const WriteBehind::Change& change) {
    cells.insert(cells.end(), change.key.begin(), change.key.end());
    if (change.values) cells.insert(cells.end(), change.values->begin(), change.values->end());
  }

  // All that follow on `first` and are of the same kind; brings the first that is not.
  Place run_alike(Session& session, Place first) const {
    const Upsert& what = first->second.upsert;
    const bool is_removal = !first->second.values;
    Rows rows;
    Place place = first;
    for (; place != changes_.end(); ++place) {
      const WriteBehind::Change& change = place->second;
      if (change.upsert.name != what.name || change.values.has_value() == is_removal) break;
      append(rows.cells, change);
      if (rows.columns == 0) rows.columns = rows.cells.size();
    }
    is_removal ? session.run_removals(what, rows) : session.run_upserts(what, rows);
    return place;
  }

  static void run(Session& session, WriteBehind::Change& change) {
    change.failure = nullptr;
    session.set_savepoint();
    try {
      Values cells;
      append(cells, change);
      change.values ? session.run_upsert(change.upsert, cells) : session.run_removal(change.upsert, cells);
    } catch (const Unavailable&) {
      throw;  // the whole batch is tried again
    } catch (...) {
      change.failure = std::current_exception();  // told to who asked
      session.undo_to_savepoint();
      return;
    }
    session.keep_savepoint();
  }

  WriteBehind::Changes& changes_;
  std::exception_ptr failure_;
  std::binary_semaphore done_{0};
};

bool is_unavailable(const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const Unavailable&) {
    return true;
  } catch (...) {
    return false;
  }
}

}  // namespace

BehindFlusher::BehindFlusher(OutgoingPool& pool, WriteBehindLimits limits)
    : pool_(pool), health_(pool.settings().name, "writes"), behind_(limits) {
  thread_ = std::thread([this] {
    ::pthread_setname_np(::pthread_self(), "store-behind");
    serve();
  });
}

BehindFlusher::~BehindFlusher() {
  {
    const std::lock_guard lock{mutex_};
    stopping_ = true;
  }
  arrived_.notify_one();
  thread_.join();
}

bool BehindFlusher::submit(BehindWork& work) { return add_and_wake(behind_, work, mutex_, arrived_); }

// False when there is nothing left to do, ever.
bool BehindFlusher::wait_until_due(std::unique_lock<std::mutex>& lock) {
  for (;;) {
    if (stopping_) return !behind_.empty();
    const std::optional<SteadyTime> due = behind_.due();
    if (due && *due <= now()) return true;
    if (due)
      arrived_.wait_until(lock, *due);
    else
      arrived_.wait(lock);
  }
}

void BehindFlusher::serve() {
  std::unique_lock lock{mutex_};
  while (wait_until_due(lock)) {
    WriteBehind::Batch batch = behind_.take();
    lock.unlock();
    write(std::move(batch));
    lock.lock();
  }
}

void BehindFlusher::write(WriteBehind::Batch batch) {
  while (!batch.changes.empty()) {
    Changes some;
    while (some.size() < most_rows && !batch.changes.empty())
      some.insert(some.end(), batch.changes.extract(batch.changes.begin()));
    if (const std::exception_ptr failure = write(some)) {
      some.merge(batch.changes);
      failed(std::move(some), failure);
      batch.flushers.resume_all(failure);
      return;
    }
    written(some);
  }
  batch.flushers.resume_all(nullptr);
}

std::exception_ptr BehindFlusher::write(Changes& changes) {
  FlushWork work{changes};
  pool_.submit(work);
  std::exception_ptr failure = work.wait();
  if (failure && !is_unavailable(failure)) {
    work.one_by_one = true;
    pool_.submit(work);
    failure = work.wait();
  }
  if (failure)
    health_.failed(words_of(failure));
  else
    health_.worked();
  return failure;
}

void BehindFlusher::written(Changes& changes) {
  const std::size_t bytes = tell_written(changes);
  BehindChain admitted;
  {
    const std::lock_guard lock{mutex_};
    admitted = behind_.leaves(bytes, now());
  }
  admitted.resume_all(nullptr);
}

void BehindFlusher::failed(Changes changes, const std::exception_ptr& failure) {
  tell_failed(changes, failure);
  BehindChain without_room;
  {
    const std::lock_guard lock{mutex_};
    without_room = stopping_ ? behind_.leaves(lose(changes, failure), now())
                             : behind_.come_back(std::move(changes), now() + retry_after);
  }
  without_room.resume_all(failure);
}

}  // namespace meerkat::sql
