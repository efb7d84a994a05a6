// SPDX-License-Identifier: Apache-2.0
#include "store/sql/sqlite_writer.h"

#include <pthread.h>

#include <chrono>
#include <utility>

#include "base/log.h"
#include "store/sql/failure_kind.h"

namespace meerkat::sql {
namespace {

// Rows of the write-behind batch in one group: long enough to be cheap (2.4 us a row), short enough (25 ms) for the
// registration that waits behind them.
constexpr std::size_t most_behind_rows = 10000;
constexpr std::chrono::milliseconds retry_after{1000};

SteadyTime now() { return std::chrono::steady_clock::now(); }

}  // namespace

struct SqliteWriter::Group {
  WorkQueue works;
  WriteBehind::Changes changes;
  std::exception_ptr failure;  // of the group as a whole
};

SqliteWriter::SqliteWriter(std::unique_ptr<SqliteConnection> connection, std::size_t group_limit,
                           WriteBehindLimits limits, Health& health)
    : connection_(std::move(connection)), group_limit_(group_limit), health_(health), behind_(limits) {
  thread_ = std::thread([this] {
    ::pthread_setname_np(::pthread_self(), "store-write");
    serve();
  });
}

SqliteWriter::~SqliteWriter() {
  {
    const std::lock_guard lock{mutex_};
    stopping_ = true;
  }
  arrived_.notify_one();
  thread_.join();
  connection_->checkpoint();
}

void SqliteWriter::submit(Work& work) {
  bool was_empty = false;
  {
    const std::lock_guard lock{mutex_};
    was_empty = queue_.empty();
    queue_.push(work);
  }
  if (was_empty) arrived_.notify_one();
}

bool SqliteWriter::submit_behind(BehindWork& work) { return add_and_wake(behind_, work, mutex_, arrived_); }

// False when there is nothing left to do, ever.
bool SqliteWriter::wait_for_work(std::unique_lock<std::mutex>& lock) {
  while (queue_.empty() && batch_.changes.empty() && batch_.flushers.empty()) {
    if (stopping_) return !behind_.empty();
    const std::optional<SteadyTime> due = behind_.due();
    if (due && *due <= now()) return true;
    if (due)
      arrived_.wait_until(lock, *due);
    else
      arrived_.wait(lock);
  }
  return true;
}

void SqliteWriter::serve() {
  std::unique_lock lock{mutex_};
  while (wait_for_work(lock)) {
    Group group;
    group.works = queue_.pop_some(group_limit_);
    if (batch_.changes.empty() && batch_.flushers.empty()) {
      const std::optional<SteadyTime> due = behind_.due();
      if (stopping_ || (due && *due <= now())) batch_ = behind_.take();
    }
    lock.unlock();
    while (group.changes.size() < most_behind_rows && !batch_.changes.empty())
      group.changes.insert(group.changes.end(), batch_.changes.extract(batch_.changes.begin()));
    write(group);
    note_health(group);
    acknowledge(group);
    lock.lock();
  }
}

void SqliteWriter::write(Group& group) {
  if (group.works.empty() && group.changes.empty()) return;
  try {
    connection_->begin();
    for (auto& [ordered, change] : group.changes) run(change);
    for (Work* work = group.works.first(); work != nullptr; work = WorkQueue::after(*work)) run(*work);
    connection_->commit();
  } catch (...) {
    // Told to everybody in the group: whatever it is for its author, for the others it is bad luck.
    group.failure = std::make_exception_ptr(Unavailable{words_of(std::current_exception())});
    connection_->rollback();
  }
}

void SqliteWriter::run(Work& work) {
  if (work.several_statements) connection_->set_savepoint();
  try {
    work.run(*connection_);
  } catch (...) {
    // SQLite undoes a statement that fails; after a full disk or an I/O error it may have undone the whole transaction.
    work.failure = std::current_exception();
    if (!connection_->in_transaction()) throw;
    if (work.several_statements) connection_->undo_to_savepoint();
    return;
  }
  if (work.several_statements) connection_->keep_savepoint();
}

void SqliteWriter::run(WriteBehind::Change& change) {
  try {
    if (!change.values) {
      connection_->run_removal(change.upsert, change.key);
      return;
    }
    Values row = change.key;
    row.insert(row.end(), change.values->begin(), change.values->end());
    connection_->run_upsert(change.upsert, row);
  } catch (const Unavailable&) {
    throw;  // the whole batch is tried again
  } catch (...) {
    change.failure = std::current_exception();
    if (!connection_->in_transaction()) throw;
  }
}

void SqliteWriter::note_health(const Group& group) {
  if (group.failure) return health_.failed(words_of(group.failure));
  bool worked = !group.changes.empty();
  for (const Work* work = group.works.first(); work != nullptr; work = WorkQueue::after(*work)) {
    if (is_unavailable(work->failure)) return health_.failed(words_of(work->failure));
    worked = worked || !work->failure;
  }
  if (worked) health_.worked();
}

void SqliteWriter::acknowledge(Group& group) {
  if (group.failure)
    behind_failed(group);
  else
    behind_written(group);
  while (Work* const work = group.works.pop()) {
    // The work may be gone as soon as it is told. Its own failure is the better answer.
    std::exception_ptr own = std::move(work->failure);
    work->finished(own ? std::move(own) : copy_of(group.failure));
  }
}

void SqliteWriter::behind_written(Group& group) {
  tell_written(group.changes);
  if (batch_.changes.empty()) batch_.flushers.resume_all(nullptr);
  if (group.changes.empty()) return;
  BehindChain admitted;
  {
    const std::lock_guard lock{mutex_};
    admitted = behind_.leaves(group.changes, now());
  }
  admitted.resume_all(nullptr);
}

void SqliteWriter::behind_failed(Group& group) {
  group.changes.merge(batch_.changes);
  batch_.changes.clear();
  tell_failed(group.changes, group.failure);
  batch_.flushers.resume_all(group.failure);
  BehindChain without_room;
  {
    const std::lock_guard lock{mutex_};
    if (stopping_ && !group.changes.empty()) {
      lose(group.changes, group.failure);
      without_room = behind_.leaves(group.changes, now());
    } else if (!group.changes.empty()) {
      without_room = behind_.come_back(std::move(group.changes), now() + retry_after);
    }
  }
  without_room.resume_all(group.failure);
}

}  // namespace meerkat::sql
