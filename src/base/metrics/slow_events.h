// SPDX-License-Identifier: Apache-2.0
// What took longest in the last minutes: some of each minute are kept, the longest ones, without anything of what was
// said or whom it was for.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

#include "base/clock.h"

namespace meerkat::metrics {

struct SlowEvent {
  WallTime when = std::chrono::system_clock::now();  // when it was over
  std::chrono::nanoseconds took{0};
  std::string what;       // "mod_roster_rdbms", "iq", "pool"
  std::string detail;     // a function, a namespace, a pool
  std::string host_type;  // empty when it belongs to none
};

// Any thread. Who measured something asks `is_worth` first; only what is gets any further, so the more there is of what
// is slow, the less of it costs something.
class SlowEvents {
 public:
  static constexpr std::chrono::milliseconds least{1};
  static constexpr std::size_t per_minute = 20;
  static constexpr std::size_t minutes = 10;

  bool is_worth(std::chrono::nanoseconds took) const noexcept {
    return took.count() >= worth_.load(std::memory_order_relaxed);
  }
  void note(SlowEvent event) noexcept;
  // The longest of those that ended since then, longest first.
  std::vector<SlowEvent> longest(WallTime since, std::size_t most) const;
  // A minute is over when it is over, though nobody is slow. To be called now and then.
  void time_passes(WallTime now) noexcept;

 private:
  struct Minute {
    std::int64_t number = -1;  // since 1970
    std::vector<SlowEvent> longest;
  };

  Minute& minute_of(WallTime when);

  mutable std::mutex mutex_;
  std::array<Minute, minutes> minutes_;
  std::int64_t newest_ = -1;
  std::atomic<std::int64_t> worth_{std::chrono::nanoseconds{least}.count()};
};

}  // namespace meerkat::metrics
