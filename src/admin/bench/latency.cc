// SPDX-License-Identifier: Apache-2.0
#include "admin/bench/latency.h"

#include <algorithm>
#include <cmath>

namespace meerkat::bench {

// The largest value that is counted in this step.
constexpr std::uint64_t Latency::last_of(std::size_t step) {
  if (step < 2 * steps_per_octave) return step;
  const std::size_t shift = step / steps_per_octave - 1;
  return ((steps_per_octave + step % steps_per_octave + 1) << shift) - 1;
}

void Latency::add(const Latency& other) {
  for (std::size_t i = 0; i < steps_.size(); ++i) steps_[i] += other.steps_[i];
  count_ += other.count_;
  max_ = std::max(max_, other.max_);
}

std::chrono::nanoseconds Latency::percentile(double share) const {
  if (count_ == 0) return {};
  const double wanted = std::ceil(std::clamp(share, 0.0, 1.0) * static_cast<double>(count_));
  const std::uint64_t rank = std::max<std::uint64_t>(1, static_cast<std::uint64_t>(wanted));
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < steps_.size(); ++i) {
    seen += steps_[i];
    if (seen >= rank) return std::chrono::nanoseconds{std::min(last_of(i), max_)};
  }
  return max();
}

}  // namespace meerkat::bench
