// SPDX-License-Identifier: Apache-2.0
// The write-behind queue of a database that is reached through a pool: a thread that gathers rows and has the pool
// write them, many at once.
#pragma once

#include <condition_variable>
#include <exception>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <thread>

#include "store/pool/outgoing_pool.h"
#include "store/sql/health.h"
#include "store/sql/write_behind.h"

namespace meerkat::sql {

// Any thread, but for the constructor and destructor.
class BehindFlusher {
 public:
  BehindFlusher(OutgoingPool& pool, WriteBehindLimits limits);
  // Writes what is queued, if the database is there.
  ~BehindFlusher();
  BehindFlusher(const BehindFlusher&) = delete;
  BehindFlusher& operator=(const BehindFlusher&) = delete;

  // True when it is done already: it stands in the queue, and that is all that was asked.
  bool submit(BehindWork& work);
  std::optional<QueuedRow> queued(const Upsert& what, std::span<const Value> key) const {
    return look_up(behind_, what, key, mutex_);
  }
  // The last batch was written, if there was one.
  bool good() const { return health_.good(); }

 private:
  using Changes = WriteBehind::Changes;

  void serve();
  bool wait_until_due(std::unique_lock<std::mutex>& lock);
  void write(WriteBehind::Batch batch);
  std::exception_ptr write(Changes& changes);
  void written(Changes& changes);
  void failed(Changes changes, const std::exception_ptr& failure);

  OutgoingPool& pool_;
  Health health_;
  mutable std::mutex mutex_;
  std::condition_variable arrived_;
  WriteBehind behind_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace meerkat::sql
