// SPDX-License-Identifier: Apache-2.0
// How often each of a few kinds of things has happened since the start.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace meerkat {

// `Kind` is an enum whose values count from 0 to `last`. Any thread.
template <class Kind, Kind last>
class CounterSet {
 public:
  static constexpr std::size_t kinds = static_cast<std::size_t>(last) + 1;

  void count(Kind which, std::uint64_t times = 1) {
    counters_[static_cast<std::size_t>(which)].fetch_add(times, std::memory_order_relaxed);
  }
  std::uint64_t times(Kind which) const {
    return counters_[static_cast<std::size_t>(which)].load(std::memory_order_relaxed);
  }
  static constexpr std::array<Kind, kinds> all() {
    std::array<Kind, kinds> every{};
    for (std::size_t i = 0; i < kinds; ++i) every[i] = static_cast<Kind>(i);
    return every;
  }

 private:
  std::array<std::atomic<std::uint64_t>, kinds> counters_{};
};

}  // namespace meerkat
