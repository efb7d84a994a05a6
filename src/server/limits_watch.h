// SPDX-License-Identifier: Apache-2.0
// Looks after the limits: how much memory is taken, and who was turned away.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "core/limits/limits.h"
#include "runtime/worker.h"
#include "streams/c2s_service.h"
#include "streams/http_service.h"

namespace meerkat {

// Lives on one worker, which must have stopped before it goes.
class LimitsWatch {
 public:
  // Between two looks; the less room there is, the shorter: so much per millisecond may be taken in between. Sessions
  // that do not read have been seen to take a third of it. A look costs some 10 microseconds.
  static constexpr std::chrono::milliseconds longest_pause{1000}, shortest_pause{10};
  static constexpr std::uint64_t growth = 2'000'000;
  // Between two rounds in which every worker makes room, which costs it some milliseconds. Where it is full, a round
  // that helped is followed by the next one at once.
  static constexpr std::chrono::milliseconds between_rounds_when_tight{1000}, between_rounds_when_full{200};
  // How often refusals are told in the log, one line for each kind.
  static constexpr std::chrono::seconds between_reports{60};

  LimitsWatch(Limits& limits, Worker& here, const std::vector<std::unique_ptr<C2sService>>& services,
              const std::vector<std::unique_ptr<HttpService>>& http_services)
      : limits_(limits), here_(here), services_(services), http_services_(http_services) {}

  // On its worker.
  void start();

 private:
  void look();
  // What is free goes back to the kernel; while it is full, slow readers go.
  void make_room(MemoryCeiling::State state);
  bool is_time_for_a_round(bool full) const;
  std::chrono::milliseconds pause() const;
  void report();

  Limits& limits_;
  Worker& here_;
  const std::vector<std::unique_ptr<C2sService>>& services_;
  const std::vector<std::unique_ptr<HttpService>>& http_services_;
  SteadyTime next_report_;
  SteadyTime last_round_;
  bool fullness_is_answered_ = false;    // by a round at least
  std::atomic<std::size_t> at_it_{0};    // workers that have not done their part of the last round
  std::atomic<std::size_t> cut_off_{0};  // sessions, in the last round
  std::array<std::uint64_t, Refusals::kinds> told_{};
  Timer timer_;
};

}  // namespace meerkat
