// SPDX-License-Identifier: Apache-2.0
// How long a service outside takes to refuse a wrong password. Whoever does not exist there is refused after the same
// time, for the service itself may need much less for them: it has nothing to compare a password with.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>

#include "base/clock.h"
#include "runtime/task.h"
#include "runtime/worker.h"
#include "runtime/workers.h"

namespace meerkat {

// Any worker.
class RefusalTime {
 public:
  using Time = std::chrono::nanoseconds;

  static SteadyTime now() { return Worker::current()->clock().steady(); }

  // Somebody who exists was refused: an eighth of the usual time is the latest.
  void took_since(SteadyTime began) {
    const Time::rep latest = std::clamp<Time>(now() - began, Time{1}, longest).count();
    const Time::rep before = usual_.load(std::memory_order_relaxed);
    usual_.store(before == 0 ? latest : before + (latest - before) / 8, std::memory_order_relaxed);
  }
  Time usual() const { return Time{usual_.load(std::memory_order_relaxed)}; }

  // For somebody who does not exist: until as much time has passed since `began`.
  Task<> pass(SteadyTime began) const {
    const Time left = usual() - (now() - began);
    if (left > Time{0}) co_await sleep_for(left);
  }

 private:
  static constexpr std::chrono::seconds longest{2};

  std::atomic<Time::rep> usual_{0};
};

}  // namespace meerkat
