// SPDX-License-Identifier: Apache-2.0
// Looks after the limits once a second: how much memory is taken, and who was turned away.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <vector>

#include "core/limits/limits.h"
#include "runtime/worker.h"
#include "streams/c2s_service.h"

namespace meerkat {

// Lives on one worker, which must have stopped before it goes.
class LimitsWatch {
 public:
  static constexpr std::chrono::milliseconds pause{1000};
  // How often refusals are told in the log, one line for each kind.
  static constexpr std::chrono::seconds between_reports{60};

  LimitsWatch(Limits& limits, Worker& here, const std::vector<std::unique_ptr<C2sService>>& services)
      : limits_(limits), here_(here), services_(services) {}

  // On its worker.
  void start();

 private:
  void look();
  // What is free goes back to the kernel; while it is full, slow readers go.
  void make_room(MemoryCeiling::State state) const;
  void report();

  Limits& limits_;
  Worker& here_;
  const std::vector<std::unique_ptr<C2sService>>& services_;
  SteadyTime next_report_;
  std::array<std::uint64_t, Refusals::kinds> told_{};
  Timer timer_;
};

}  // namespace meerkat
