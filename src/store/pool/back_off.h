// SPDX-License-Identifier: Apache-2.0
// When to try again what keeps failing: later and later, and never all at the same moment.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace meerkat {

struct BackOffLimits {
  std::chrono::milliseconds first{200};
  std::chrono::milliseconds longest{30'000};
};

class BackOff {
 public:
  explicit BackOff(BackOffLimits limits) : limits_(limits), next_(limits.first) {}

  // How long to wait after one more failure: between half of the delay and all of it, which doubles each time.
  // `random` is any number.
  std::chrono::milliseconds failed(std::uint64_t random) {
    const std::chrono::milliseconds most = std::min(next_, limits_.longest);
    next_ = std::min(next_ * 2, limits_.longest);
    const auto half = static_cast<std::uint64_t>(most.count()) / 2;
    return most - std::chrono::milliseconds{half == 0 ? 0 : random % (half + 1)};
  }
  void worked() { next_ = limits_.first; }

 private:
  BackOffLimits limits_;
  std::chrono::milliseconds next_;
};

}  // namespace meerkat
