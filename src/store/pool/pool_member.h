// SPDX-License-Identifier: Apache-2.0
// One worker of a pool, for the pool's own files: what it holds, guarded by the pool's lock unless said otherwise.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/trouble.h"
#include "runtime/wake_up.h"
#include "store/pool/outgoing_pool.h"

namespace meerkat {

class OutgoingPool::Member {
 public:
  Member(std::size_t place, BackOffLimits limits);
  Member(const Member&) = delete;
  Member& operator=(const Member&) = delete;

  bool may_serve() const { return status == PoolWorkerStatus::up || status == PoolWorkerStatus::connecting; }
  bool is_free() const { return status == PoolWorkerStatus::up && load() == 0; }
  std::size_t load() const { return queue.size() + under_way.load(std::memory_order_relaxed); }

  const std::size_t place;
  const std::shared_ptr<WakeUp> wake_up;  // a worker's, too, until the end of its turn
  std::unique_ptr<Link> link;             // its own thread's, or of the worker where it lodges
  std::shared_ptr<Lodging> lodging;       // while a worker of the server serves the link
  CallQueue queue;
  std::atomic<std::size_t> under_way{0};
  PoolWorkerStatus status = PoolWorkerStatus::connecting;
  bool asleep = false;
  std::string last_error;
  SteadyTime next_try{};
  SteadyTime last_used{};
  BackOff back_off;
  Trouble trouble;
  std::thread thread;
};

// Calls that are refused, each with its reason, once the lock is free: who is told goes on at once on another thread.
struct OutgoingPool::Refusals {
  struct One {
    Call* call;
    Unavailable::Why why;
    std::string words;
  };
  std::vector<One> all;

  void add(Call& call, Unavailable::Why why, std::string words) { all.push_back({&call, why, std::move(words)}); }
};

}  // namespace meerkat
