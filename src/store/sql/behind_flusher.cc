// SPDX-License-Identifier: Apache-2.0
#include "store/sql/behind_flusher.h"

#include <pthread.h>

#include <algorithm>
#include <chrono>
#include <semaphore>
#include <utility>
#include <vector>

#include "store/sql/failure_kind.h"
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
  explicit FlushWork(WriteBehind::Changes& changes) : changes_(changes), groups_(grouped(changes)) {
    // The usual batch, rows of one table, needs no BEGIN and no COMMIT where that is one statement.
    several_statements = groups_.size() > 1;
  }

  void go_one_by_one() {
    one_by_one_ = true;
    several_statements = true;
  }

  void run(Transaction& transaction) override {
    // Only sessions run works of a pool.
    auto& session = static_cast<Session&>(transaction);
    if (one_by_one_) {
      for (auto& [ordered, change] : changes_) run(session, change);
    } else if (several_statements || session.writes_rows_at_once()) {
      for (const Group& group : groups_) run(session, group);
    } else {
      run_as_whole(session, groups_.front());
    }
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
  // Rows of one table, to be written, or keys of those to be removed.
  struct Group {
    Upsert what;
    bool is_removal = false;
    Rows rows;
  };

  // Keys differ, so within a table the order does not matter.
  static std::vector<Group> grouped(const WriteBehind::Changes& changes) {
    std::vector<Group> groups;
    for (const auto& [ordered, change] : changes) {
      const bool is_removal = !change.values;
      const auto alike = [&](const Group& group) {
        return group.what.name == change.upsert.name && group.is_removal == is_removal;
      };
      auto group = std::ranges::find_if(groups, alike);
      if (group == groups.end()) group = groups.insert(groups.end(), {change.upsert, is_removal, {}});
      append(group->rows.cells, change);
      if (group->rows.columns == 0) group->rows.columns = group->rows.cells.size();
    }
    return groups;
  }

  static void append(Values& cells, const WriteBehind::Change& change) {
    cells.insert(cells.end(), change.key.begin(), change.key.end());
    if (change.values) cells.insert(cells.end(), change.values->begin(), change.values->end());
  }

  static void run(Session& session, const Group& group) {
    group.is_removal ? session.run_removals(group.what, group.rows) : session.run_upserts(group.what, group.rows);
  }

  static void run_as_whole(Session& session, const Group& group) {
    session.begin();
    try {
      run(session, group);
      session.commit();
    } catch (const ConnectionLost&) {
      throw;
    } catch (...) {
      session.rollback();
      throw;
    }
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
  const std::vector<Group> groups_;
  // Finds the rows that the database does not take, and writes the others.
  bool one_by_one_ = false;
  std::exception_ptr failure_;
  std::binary_semaphore done_{0};
};

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
    work.go_one_by_one();
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
  tell_written(changes);
  BehindChain admitted;
  {
    const std::lock_guard lock{mutex_};
    admitted = behind_.leaves(changes, now());
  }
  admitted.resume_all(nullptr);
}

void BehindFlusher::failed(Changes changes, const std::exception_ptr& failure) {
  tell_failed(changes, failure);
  BehindChain without_room;
  {
    const std::lock_guard lock{mutex_};
    if (stopping_) {
      lose(changes, failure);
      without_room = behind_.leaves(changes, now());
    } else {
      without_room = behind_.come_back(std::move(changes), now() + retry_after);
    }
  }
  without_room.resume_all(failure);
}

}  // namespace meerkat::sql
