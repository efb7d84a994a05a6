// SPDX-License-Identifier: Apache-2.0
// Whether something that keeps being tried works, so that a fault is told when it begins and when it is over, and not
// a thousand times in between.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>

namespace meerkat {

// Any thread.
//   if (trouble_.begins()) log_error("database_unavailable", …);
//   if (const auto failures = trouble_.ends()) log_notice("database_available", {{"failures", *failures}});
class Trouble {
 public:
  // It failed: true for the first time since it worked.
  bool begins() { return failures_.fetch_add(1, std::memory_order_relaxed) == 0; }
  // It worked: how often it had failed, if it had.
  std::optional<std::uint64_t> ends() {
    if (failures_.load(std::memory_order_relaxed) == 0) return std::nullopt;
    const std::uint64_t failures = failures_.exchange(0, std::memory_order_relaxed);
    return failures > 0 ? std::optional{failures} : std::nullopt;
  }
  bool there() const { return failures_.load(std::memory_order_relaxed) != 0; }

 private:
  std::atomic<std::uint64_t> failures_{0};
};

}  // namespace meerkat
