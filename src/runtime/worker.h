// SPDX-License-Identifier: Apache-2.0
// A worker: one thread with its loop, its timers, its mailbox and its buffers. What lives here is touched by no other
// thread, so nothing here is locked.
#pragma once

#include <atomic>
#include <coroutine>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "runtime/buffers.h"
#include "runtime/loop.h"
#include "runtime/mailbox.h"
#include "runtime/timer.h"
#include "runtime/wake_up.h"

namespace meerkat {

// Something that wants to be called once at the end of the current turn (a connection with bytes to flush).
class TurnEnd {
 public:
  virtual void turn_ended() noexcept = 0;

 protected:
  ~TurnEnd() = default;

 private:
  friend class Worker;
  TurnEnd* next_at_turn_end_ = nullptr;
  bool waits_for_turn_end_ = false;
};

// Something that lives on a worker's loop and belongs to others, who want it back when the worker ends.
class Lodger {
 public:
  // On the worker's thread, after its last turn.
  virtual void worker_ends() noexcept = 0;

 protected:
  ~Lodger() = default;
};

class Worker {
 public:
  // `peers` is how many workers there are: outgoing mail is collected for each.
  Worker(std::size_t index, std::size_t peers, const Clock& clock);
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  // The worker whose thread this is; null on other threads.
  static Worker* current() noexcept;

  std::size_t index() const { return index_; }
  std::size_t peers() const { return outgoing_.size(); }
  Loop& loop() { return loop_; }
  TimerWheel& timers() { return timers_; }
  Buffers& buffers() { return buffers_; }
  const Clock& clock() const { return clock_; }

  // Any thread. On a worker, mail for another is collected and posted once, at the end of the turn; elsewhere a
  // MailBatch does the like.
  void post(Mail& mail);
  // Any thread: runs `work` here. For rare things; it allocates.
  void call(std::function<void()> work);
  // Any thread: goes on with the coroutine here.
  void resume(std::coroutine_handle<> waiting);

  // Any thread: how much mail has arrived, or is about to, and is not dealt with.
  std::size_t mail_waiting() const;

  // This thread: calls `who` once when the turn ends.
  void at_turn_end(TurnEnd& who);
  // This thread: rings when the turn ends, once for each that asked.
  void ring_at_turn_end(std::shared_ptr<WakeUp> who) { to_ring_.push_back(std::move(who)); }
  // This thread. A lodger that has not left is told when the worker ends.
  void receive(Lodger& lodger) { lodgers_.push_back(&lodger); }
  void leaves(Lodger& lodger) { std::erase(lodgers_, &lodger); }
  // This thread: keeps `dead` until no event of this turn can name it any more.
  template <class T>
  void bury(std::unique_ptr<T> dead) {
    graves_.push_back({dead.release(), [](void* body) { delete static_cast<T*>(body); }});
  }

  // This thread: how much mail has been opened, and the most that was found at once since this was asked last.
  struct MailCounts {
    std::uint64_t opened = 0;
    std::uint64_t most_at_once = 0;
  };
  MailCounts mail_counts() { return {mail_read_.load(std::memory_order_relaxed), std::exchange(most_mail_, 0)}; }

  // One turn of the loop: events, mail, timers, flushes. Tests call it by hand; `run` calls it until `stop`.
  void turn(std::chrono::milliseconds longest = std::chrono::milliseconds{-1});

  void start();  // runs on a thread of its own
  void stop();   // any thread: the loop ends after its turn
  void join();
  // Binds this worker to the calling thread: for tests, and for `start`.
  void adopt_thread() noexcept;
  // The calling thread is no worker's any more.
  static void leave_thread() noexcept;

 private:
  friend class MailBatch;

  struct Grave {
    void* body;
    void (*bury)(void*);
  };

  void run();
  void read_mail();
  void end_turn();
  void push(const MailChain& chain);
  void flush_outgoing();

  const std::size_t index_;
  const Clock& clock_;
  Loop loop_;
  TimerWheel timers_;
  Buffers buffers_;
  std::vector<MailChain> outgoing_;  // by index of the receiving worker
  std::vector<Worker*> addressed_;   // those with a chain that is not empty
  TurnEnd* turn_ends_ = nullptr;
  std::vector<Grave> graves_;
  std::vector<Lodger*> lodgers_;
  std::vector<std::shared_ptr<WakeUp>> to_ring_;
  std::uint64_t most_mail_ = 0;
  std::thread thread_;
  std::atomic<bool> stopping_{false};
  std::atomic<std::uint64_t> mail_read_{0};
  alignas(64) Mailbox mailbox_;
  std::atomic<bool> asleep_{false};
};

}  // namespace meerkat
