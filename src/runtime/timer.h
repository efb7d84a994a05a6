// SPDX-License-Identifier: Apache-2.0
// Timers on a wheel: setting and cancelling cost a few writes, whatever their number.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>

#include "base/clock.h"

namespace meerkat {

class TimerWheel;

// One deadline, embedded in what it belongs to. Lives on one worker; leaving its scope cancels it.
class Timer {
 public:
  using Fired = void (*)(void* context);

  Timer() = default;
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;
  ~Timer() { cancel(); }

  // Calls `fired(context)` once, `after` from now at the earliest and a tick (8 ms) later at the latest.
  void set(TimerWheel& wheel, std::chrono::nanoseconds after, Fired fired, void* context);
  void cancel();
  bool is_set() const { return previous_ != nullptr; }

 private:
  friend class TimerWheel;
  Timer* previous_ = nullptr;
  Timer* next_ = nullptr;
  std::uint64_t tick_ = 0;
  Fired fired_ = nullptr;
  void* context_ = nullptr;
  TimerWheel* wheel_ = nullptr;
};

// 1024 slots of 8 ms; a timer further away than one turn stays in its slot until its turn comes.
class TimerWheel {
 public:
  static constexpr std::chrono::milliseconds tick{8};

  explicit TimerWheel(const Clock& clock);
  ~TimerWheel();

  // Fires what is due. Runs on the worker, outside of any other callback.
  void advance();
  // How long the loop may sleep; negative when there is nothing to wait for.
  std::chrono::milliseconds until_next() const;

 private:
  friend class Timer;
  static constexpr std::size_t slot_count = 1024;

  std::uint64_t now() const;
  void link(Timer& timer);
  void unlink(Timer& timer);

  const Clock& clock_;
  std::uint64_t done_ = 0;  // ticks that have been handled
  std::size_t count_ = 0;
  std::array<Timer, slot_count> slots_;  // heads of circular lists
  std::array<std::uint64_t, slot_count / 64> occupied_{};
};

}  // namespace meerkat
