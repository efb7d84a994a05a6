// SPDX-License-Identifier: Apache-2.0
// Token buckets in one word each, and how fast they fill.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

#include "base/clock.h"

namespace meerkat {

// `burst` at once, and one more per `interval` after that. No interval: no limit.
struct Pace {
  std::chrono::nanoseconds interval{0};
  std::uint32_t burst = 0;

  // So many within that time, all of them at once if they were saved up.
  static Pace within(std::uint32_t count, std::chrono::nanoseconds time) {
    return {.interval = time / std::max(count, 1u), .burst = std::max(count, 1u)};
  }
  bool is_infinite() const { return interval.count() <= 0; }
  std::chrono::nanoseconds whole() const { return interval * burst; }

  friend bool operator==(const Pace&, const Pace&) = default;
};

// The generic cell rate algorithm (ITU-T I.371): all there is to know is when the bucket will be full again. A new one
// is full.
class Bucket {
 public:
  // How long until there is a token; 0 or less: there is one.
  std::chrono::nanoseconds wait(const Pace& pace, SteadyTime now) const {
    return std::max(full_at_, now) + pace.interval - now - pace.whole();
  }
  bool has(const Pace& pace, SteadyTime now) const { return pace.is_infinite() || wait(pace, now).count() <= 0; }
  bool take(const Pace& pace, SteadyTime now) {
    if (!has(pace, now)) return false;
    charge(pace, now);
    return true;
  }
  // Takes a token that may not be there, up to a second bucketful of debt.
  void charge(const Pace& pace, SteadyTime now) {
    const auto deepest = now + std::chrono::duration_cast<SteadyTime::duration>(2 * pace.whole());
    full_at_ = std::min(std::max(full_at_, now) + std::chrono::duration_cast<SteadyTime::duration>(pace.interval),
                        std::max(deepest, full_at_));
  }
  void give_back(const Pace& pace) { full_at_ -= std::chrono::duration_cast<SteadyTime::duration>(pace.interval); }
  // Tokens that were taken and have not come back.
  std::uint32_t missing(const Pace& pace, SteadyTime now) const {
    if (pace.is_infinite() || full_at_ <= now) return 0;
    return static_cast<std::uint32_t>((full_at_ - now + pace.interval - std::chrono::nanoseconds{1}) / pace.interval);
  }
  SteadyTime full_at() const { return full_at_; }

 private:
  SteadyTime full_at_{};
};

}  // namespace meerkat
