// SPDX-License-Identifier: Apache-2.0
// The writing side of the embedded store: one thread that writes whatever has come together with one commit.
#pragma once

#include <condition_variable>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <thread>

#include "store/sql/health.h"
#include "store/sql/sqlite_connection.h"
#include "store/sql/work.h"
#include "store/sql/work_queue.h"
#include "store/sql/write_behind.h"

namespace meerkat::sql {

// A group is everything queued, up to a limit, and a part of the write-behind batch. A work that fails alone is undone
// alone; a commit that fails fails the group. Nobody is told of success before the commit has returned.
class SqliteWriter {
 public:
  SqliteWriter(std::unique_ptr<SqliteConnection> connection, std::size_t group_limit, WriteBehindLimits limits,
               Health& health);
  // Finishes what was submitted, writes what is queued, closes the connection with an empty log.
  ~SqliteWriter();
  SqliteWriter(const SqliteWriter&) = delete;
  SqliteWriter& operator=(const SqliteWriter&) = delete;

  // Any thread.
  void submit(Work& work);
  bool submit_behind(BehindWork& work);
  std::optional<QueuedRow> queued(const Upsert& what, std::span<const Value> key) const {
    return look_up(behind_, what, key, mutex_);
  }

 private:
  struct Group;

  void serve();
  bool wait_for_work(std::unique_lock<std::mutex>& lock);
  void write(Group& group);
  void run(Work& work);
  void run(WriteBehind::Change& change);
  void note_health(const Group& group);
  void acknowledge(Group& group);
  void behind_written(Group& group);
  void behind_failed(Group& group);

  std::unique_ptr<SqliteConnection> connection_;
  const std::size_t group_limit_;
  Health& health_;

  mutable std::mutex mutex_;
  std::condition_variable arrived_;
  WorkQueue queue_;
  WriteBehind behind_;
  bool stopping_ = false;

  WriteBehind::Batch batch_;  // taken from the queue, being written group by group; for the thread alone
  std::thread thread_;
};

}  // namespace meerkat::sql
