// SPDX-License-Identifier: Apache-2.0
// Everything that is counted and measured as lines of the log, as it happens: what=sm_session host_type=localhost
// logins=1. For finding a fault; while it is off, counting pays one branch.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>
#include <span>

#include "base/log.h"
#include "base/metrics/registry.h"

namespace meerkat::metrics {

// Outlives those who count. Any thread.
class EventLog final : CountWatcher {
 public:
  // More lines than these in a second are counted, not written: measurements_not_logged count=….
  static constexpr std::uint32_t most_lines = 1000;

  // `registry` outlives it.
  explicit EventLog(Registry& registry) : registry_(registry) {}
  ~EventLog() { registry_.watch(nullptr); }
  EventLog(const EventLog&) = delete;
  EventLog& operator=(const EventLog&) = delete;

  // From now on everything is logged at this level, or nothing is.
  void log_at(std::optional<LogLevel> level);

 private:
  void counted(Slot slot, std::int64_t value) noexcept override;
  void counted(std::span<const Step> steps) noexcept override;
  bool may_write();

  Registry& registry_;
  std::atomic<LogLevel> level_{LogLevel::debug};
  std::atomic<std::int64_t> second_{0};
  std::atomic<std::uint32_t> lines_{0};  // of that second, and more that were not written
};

}  // namespace meerkat::metrics
