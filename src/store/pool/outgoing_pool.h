// SPDX-License-Identifier: Apache-2.0
// Connections to one outside service: workers with a thread, a connection and a queue each. All kinds of services have
// the same life here; what differs is the Link.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/metrics/counted.h"
#include "store/pool/back_off.h"
#include "store/pool/call.h"
#include "store/pool/link.h"
#include "store/pool/pool_counts.h"
#include "store/pool/pool_options.h"

namespace meerkat {

struct PoolSettings {
  std::string name;  // for log lines and commands: "rdbms.default"
  PoolOptions options;
  BackOffLimits back_off;
  std::chrono::milliseconds connect_timeout{5000};
  std::optional<std::chrono::milliseconds> keepalive_interval;
  std::size_t depth = 1;      // how many calls a worker may be working on at once, if its link takes more than one
  bool drops_oldest = false;  // a full queue lets go of its oldest call, not of the new one
};

enum class PoolWorkerStatus : std::uint8_t { connecting, up, down, stopped };

struct PoolWorkerState {
  PoolWorkerStatus status = PoolWorkerStatus::connecting;
  std::size_t queued = 0;
  std::size_t under_way = 0;
  std::string last_error;  // of the latest failure, also when it works again
  std::chrono::milliseconds next_try{0};
};

// Any thread, but for the constructor and destructor.
class OutgoingPool {
 public:
  // Starts the workers, which connect in the background.
  OutgoingPool(PoolSettings settings, MakeLink make_link);
  // Stops, if nobody has done so.
  ~OutgoingPool();
  OutgoingPool(const OutgoingPool&) = delete;
  OutgoingPool& operator=(const OutgoingPool&) = delete;

  // The call is finished once: with the answer, or with Unavailable within the call's time.
  void submit(Call& call);

  // Blocks the calling thread: for the start of the server. False when no worker is connected by then.
  bool wait_until_connected(SteadyTime until);
  // Makes one more connection, asks it for a sign of life, and closes it. Blocks the calling thread until `until` at
  // most; throws, with words for the operator, when that fails.
  void try_connection(SteadyTime until) const;
  // Takes no more calls, answers those that it has until `until`, and closes. What is left by then is refused.
  void stop(SteadyTime until);

  // From now on calls are counted and timed there as well. Before the first call.
  void measure_calls(metrics::Timed calls) { measured_.emplace(std::move(calls)); }
  // From now on those that take long are told there as well. Before the first call.
  void tell_slow_calls(metrics::SlowEvents& to) { slow_ = &to; }

  const PoolSettings& settings() const { return settings_; }
  const PoolEvents& events() const { return events_; }
  const PoolLatency& latency() const { return latency_; }
  // For a queue that stands before the pool and keeps its bound: something there made room for what is younger.
  void count_dropped() { events_.count(PoolEvent::dropped); }
  // One worker is connected at least.
  bool available() const;
  std::vector<PoolWorkerState> workers() const;
  // Calls that no worker has begun with.
  std::size_t queued() const;

  // `co_await pool.perform(call)` waits for the answer on the worker that asks; throws what the call failed with.
  auto perform(AwaitedCall& call) {
    struct Awaiter {
      OutgoingPool& pool;
      AwaitedCall& call;
      bool await_ready() const noexcept { return false; }
      void await_suspend(std::coroutine_handle<> waiting) {
        call.resumer.remember(waiting);
        pool.submit(call);
      }
      void await_resume() const { call.resumer.rethrow(); }
    };
    return Awaiter{*this, call};
  }

 private:
  class Member;
  class Supply;
  class Lodging;
  using Lock = std::unique_lock<std::mutex>;

  // Refused calls, to be told when the lock is free.
  struct Refusals;

  void submit_locked(Call& call, Refusals& refusals, bool in_front);
  Member* choose();
  Member* with_least_work();
  template <class Suits>
  Member* next_that(Suits suits);
  bool anybody_may_serve() const;
  void enqueue(Member& member, Call& call, Refusals& refusals, bool in_front);
  void wake(Member& member);
  void wake_watch();
  std::string why_down() const;

  void run(Member& member);
  bool has_work(const Member& member) const;
  void connect(Member& member, Lock& lock);
  void wait(Member& member, Lock& lock);
  Call* next_call(Member& member, Refusals& refusals, SteadyTime now);
  void serve(Member& member, Call& first, Lock& lock);
  void settle(Member& member, CallQueue left, Lock& lock);
  Worker* who_may_serve(Member& member) const;
  void lodge(Member& member, Worker& home);
  void wait_for_link(Member& member, Lock& lock);
  void recall_lodgings_of(const Worker* here, Lock& lock);
  template <class Attempt>
  void attempt(Member& member, Lock& lock, Attempt attempt);
  void broke(Member& member, Lock& lock, const std::exception_ptr& failure);
  void abandon(Member& member, Lock& lock);
  void went_down(Member& member, Refusals& refusals, const std::string& error);
  void finish(Call& call, std::exception_ptr failure) noexcept;
  void tell(Refusals& refusals) noexcept;
  static PoolEvent event_of(const std::exception_ptr& failure) noexcept;

  void watch_deadlines();
  static void expire(CallQueue& queue, Refusals& refusals, SteadyTime now);

  const PoolSettings settings_;
  const MakeLink make_link_;
  PoolEvents events_;
  PoolLatency latency_;
  std::optional<const metrics::Timed> measured_;
  metrics::SlowEvents* slow_ = nullptr;

  mutable std::mutex mutex_;
  std::condition_variable changed_;  // somebody connected, went down or has nothing more to do
  std::condition_variable queued_;   // for the watch
  bool watch_rests_ = false;         // no call waits for a worker
  std::vector<std::unique_ptr<Member>> members_;
  CallQueue common_;  // of the strategy available_worker
  std::size_t turn_ = 0;
  std::uint64_t dice_;
  bool stopping_ = false;
  std::thread watch_;
};

}  // namespace meerkat
