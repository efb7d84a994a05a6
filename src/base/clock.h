// SPDX-License-Identifier: Apache-2.0
// Time as the house sees it: two clocks that tests can turn.
#pragma once

#include <chrono>
#include <cstdint>

namespace meerkat {

using SteadyTime = std::chrono::steady_clock::time_point;
using WallTime = std::chrono::system_clock::time_point;

// Seconds since 1970; 32 bits last until 2106.
inline std::uint32_t seconds_of(WallTime time) {
  return static_cast<std::uint32_t>(std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count());
}

// Asked for the time by everything that waits or stamps. Thread-safe when the implementation is.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual SteadyTime steady() const = 0;
  virtual WallTime wall() const = 0;
};

class SystemClock final : public Clock {
 public:
  SteadyTime steady() const override { return std::chrono::steady_clock::now(); }
  WallTime wall() const override { return std::chrono::system_clock::now(); }
};

// A clock that stands still until a test turns it.
class TurnableClock final : public Clock {
 public:
  SteadyTime steady() const override { return SteadyTime{} + std::chrono::hours{1} + passed_; }
  WallTime wall() const override { return WallTime{} + std::chrono::years{55} + passed_; }
  void advance(std::chrono::nanoseconds by) { passed_ += std::chrono::duration_cast<SteadyTime::duration>(by); }

 private:
  SteadyTime::duration passed_{};
};

}  // namespace meerkat
