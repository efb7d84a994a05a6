// SPDX-License-Identifier: Apache-2.0
// While a link lodges at a worker of the server: that worker's loop serves it, and no call goes from thread to thread.
// For the pool's own files.
//
//   member's thread                        home (a worker of the server)
//   connects; a call waits ── offered ──►  adopts: watches the connection
//   waits for the link                     sends calls, hears answers, has an eye on their time
//   connects anew, keeps it alive  ◄─────  gives back: it broke, is asked for, or the worker ends
#pragma once

#include <atomic>
#include <exception>
#include <memory>

#include "runtime/worker.h"
#include "store/pool/supply.h"

namespace meerkat {

class OutgoingPool::Lodging final : public std::enable_shared_from_this<Lodging>,
                                    private Watched,
                                    private Lodger,
                                    private TurnEnd,
                                    private Mail {
 public:
  Lodging(OutgoingPool& pool, Member& member, Flow& flow, Worker& home)
      : pool_(pool), member_(member), flow_(flow), home_(home), supply_(pool, member) {}

  const Worker& home() const { return home_; }

  // With the lock, any thread: there are calls, or a wish for the link.
  void poke();
  // With the lock: the link is wanted back when nothing is under way.
  void recall() {
    is_recalled_.store(true, std::memory_order_relaxed);
    poke();
  }
  // With the lock, the member's thread: the link is its own again if home has not come for it yet.
  bool withdraw() {
    Stage offered = Stage::offered;
    return stage_.compare_exchange_strong(offered, Stage::over);
  }
  // Home, without the lock: at once. What is under way gets `failure`, or that the server stops.
  void give_back(const std::exception_ptr& failure) noexcept;

 private:
  enum class Stage : std::uint8_t { offered, lodging, over };

  void opened() noexcept;
  bool adopt() noexcept;
  void turn_ended() noexcept override;
  void ready(Readiness what) noexcept override;
  void worker_ends() noexcept override { give_back({}); }
  template <class Step>
  void attempt(Step step) noexcept;
  void ask_what_waits();
  void send();
  void hear();
  void watch_time();
  void time_passed() noexcept;

  OutgoingPool& pool_;
  Member& member_;
  Flow& flow_;
  Worker& home_;
  Supply supply_;
  Timer timer_;
  Interest interest_ = Interest::none;
  std::atomic<Stage> stage_{Stage::offered};
  std::atomic<bool> is_recalled_{false};
  std::atomic<bool> is_poked_{false};
  std::shared_ptr<Lodging> until_opened_;  // mail is under way
  std::shared_ptr<Lodging> until_turn_end_;
};

}  // namespace meerkat
