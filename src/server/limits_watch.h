// SPDX-License-Identifier: Apache-2.0
// Looks after the limits: how much memory is taken, and who was turned away.
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
  // Between two looks; the less room there is, the shorter. So much per millisecond may be taken in between: sessions
  // that do not read have been seen to take a fifth of it.
  static constexpr std::chrono::milliseconds longest_pause{1000}, shortest_pause{200};
  static constexpr std::uint64_t growth = 500'000;
  // How often each worker gives back what it has free while newcomers are turned away. It costs some milliseconds.
  static constexpr std::chrono::seconds between_returns{1};
  // How often refusals are told in the log, one line for each kind.
  static constexpr std::chrono::seconds between_reports{60};

  LimitsWatch(Limits& limits, Worker& here, const std::vector<std::unique_ptr<C2sService>>& services)
      : limits_(limits), here_(here), services_(services) {}

  // On its worker.
  void start();

 private:
  void look();
  // What is free goes back to the kernel; while it is full, slow readers go.
  void make_room(MemoryCeiling::State state);
  std::chrono::milliseconds pause() const;
  void report();

  Limits& limits_;
  Worker& here_;
  const std::vector<std::unique_ptr<C2sService>>& services_;
  SteadyTime next_report_;
  SteadyTime next_return_;
  std::array<std::uint64_t, Refusals::kinds> told_{};
  Timer timer_;
};

}  // namespace meerkat
