// SPDX-License-Identifier: Apache-2.0
// All workers of the server, and the law of the house: every bare address has a home.
#pragma once

#include <coroutine>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/clock.h"
#include "runtime/worker.h"

namespace meerkat {

// Immutable once made; any thread may ask.
class Workers {
 public:
  Workers(std::size_t count, const Clock& clock);

  std::size_t size() const { return workers_.size(); }
  Worker& operator[](std::size_t index) { return *workers_[index]; }

  // The worker where everything of the bare address with this keyed hash lives (Jid::bare_hash).
  Worker& home_of(std::uint64_t bare_hash) {
    // The high half of a product spreads a 64-bit hash over any number of workers without a division.
    __extension__ using Wide = unsigned __int128;
    return *workers_[static_cast<std::size_t>(static_cast<Wide>(bare_hash) * workers_.size() >> 64)];
  }

  void start();
  void stop();  // asks all, then waits for all

  auto begin() { return workers_.begin(); }
  auto end() { return workers_.end(); }

 private:
  std::vector<std::unique_ptr<Worker>> workers_;
};

// `co_await hop_to(there)` goes on on that worker; nothing happens when it is this one.
class Hop {
 public:
  explicit Hop(Worker& there) : there_(there) {}
  bool await_ready() const noexcept { return Worker::current() == &there_; }
  void await_suspend(std::coroutine_handle<> waiting) { there_.resume(waiting); }
  void await_resume() const noexcept {}

 private:
  Worker& there_;
};

inline Hop hop_to(Worker& there) { return Hop{there}; }

// `co_await next_turn()` goes on on the same worker when everybody else there has had a turn: for work that takes long.
class NextTurn {
 public:
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> waiting) const { Worker::current()->resume(waiting); }
  void await_resume() const noexcept {}
};

inline NextTurn next_turn() { return {}; }

// `co_await sleep_for(10s)` goes on on the same worker when the time has passed.
class SleepFor {
 public:
  explicit SleepFor(std::chrono::nanoseconds time) : time_(time) {}
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> waiting);
  void await_resume() const noexcept {}

 private:
  std::chrono::nanoseconds time_;
  std::coroutine_handle<> waiting_;
  Timer timer_;
};

inline SleepFor sleep_for(std::chrono::nanoseconds time) { return SleepFor{time}; }

}  // namespace meerkat
