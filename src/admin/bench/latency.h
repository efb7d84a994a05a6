// SPDX-License-Identifier: Apache-2.0
// A histogram of durations that keeps its precision from microseconds to minutes: 64 linear steps per power of two,
// so a percentile is at most 1.6 % too high.
#pragma once

#include <array>
#include <bit>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace meerkat::bench {

// A value of 20 KB; belongs to one thread, and is added to another when that thread is done.
class Latency {
 public:
  void add(std::chrono::nanoseconds time) {
    const std::uint64_t value = time.count() < 0 ? 0 : static_cast<std::uint64_t>(time.count());
    ++steps_[step_of(value < most ? value : most)];
    ++count_;
    if (value > max_) max_ = value;
  }
  void add(const Latency& other);
  void clear() { *this = Latency{}; }

  std::uint64_t count() const { return count_; }
  std::chrono::nanoseconds max() const { return std::chrono::nanoseconds{max_}; }
  // The time that `share` (0.99) of all did not exceed; 0 when there are none.
  std::chrono::nanoseconds percentile(double share) const;

 private:
  static constexpr int steps_bits = 6;
  static constexpr std::uint64_t steps_per_octave = 1u << steps_bits;
  static constexpr std::uint64_t most = (std::uint64_t{1} << 44) - 1;  // nearly five hours

  static constexpr std::size_t step_of(std::uint64_t value) {
    if (value < steps_per_octave) return static_cast<std::size_t>(value);
    const int shift = std::bit_width(value) - steps_bits - 1;
    return static_cast<std::size_t>(static_cast<std::uint64_t>(shift) * steps_per_octave + (value >> shift));
  }
  static constexpr std::uint64_t last_of(std::size_t step);

  std::array<std::uint64_t, (44 - steps_bits + 1) * steps_per_octave> steps_{};
  std::uint64_t count_ = 0;
  std::uint64_t max_ = 0;
};

}  // namespace meerkat::bench
