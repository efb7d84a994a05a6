// SPDX-License-Identifier: Apache-2.0
// Which of a row of numbered messages have arrived: exact counts of the lost and the doubled, for a few bytes as long
// as they arrive in order.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

namespace meerkat::bench {

// One direction between two clients; numbers begin at 0. Belongs to one thread.
class Arrivals {
 public:
  // False when this number was here before.
  bool add(std::uint32_t number) {
    if (number < next_) return false;
    if (number != next_) {
      const auto place = std::ranges::lower_bound(ahead_, number);
      if (place != ahead_.end() && *place == number) return false;
      ahead_.insert(place, number);
      return true;
    }
    ++next_;
    std::size_t caught_up = 0;
    while (caught_up < ahead_.size() && ahead_[caught_up] == next_) {
      ++caught_up;
      ++next_;
    }
    if (caught_up > 0) ahead_.erase(ahead_.begin(), ahead_.begin() + static_cast<std::ptrdiff_t>(caught_up));
    return true;
  }

  std::uint64_t count() const { return next_ + ahead_.size(); }

 private:
  std::uint32_t next_ = 0;            // all below have arrived
  std::vector<std::uint32_t> ahead_;  // sorted, all above next_
};

}  // namespace meerkat::bench
