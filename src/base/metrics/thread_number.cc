// SPDX-License-Identifier: Apache-2.0
#include "base/metrics/thread_number.h"

#include <array>
#include <atomic>

namespace meerkat::metrics {
namespace {

constinit std::array<std::atomic<bool>, most_threads> taken{};

// Gives the number back when the thread ends.
struct Claim {
  std::uint32_t number = most_threads;
  Claim() noexcept {
    for (std::uint32_t i = 0; i < most_threads; ++i) {
      if (taken[i].load(std::memory_order_relaxed) || taken[i].exchange(true, std::memory_order_acquire)) continue;
      number = i;
      return;
    }
  }
  ~Claim() {
    thread_detail::number = most_threads;
    if (number < most_threads) taken[number].store(false, std::memory_order_release);
    number = most_threads;
  }
  Claim(const Claim&) = delete;
  Claim& operator=(const Claim&) = delete;
};

}  // namespace

std::uint32_t claim_thread_number() noexcept {
  static thread_local Claim claim;
  thread_detail::number = claim.number;
  return claim.number;
}

}  // namespace meerkat::metrics
