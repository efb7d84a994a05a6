// SPDX-License-Identifier: Apache-2.0
// What was counted in the last minute, as Exometer's spirals and histograms tell it: by looking now and then, at no
// cost for who counts.
#pragma once

#include <chrono>
#include <deque>
#include <map>
#include <mutex>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/metrics/registry.h"

namespace meerkat::metrics {

// All that is known, and of it what happened in the last minute: the same series in the same order. Gauges and counters
// are the same in both.
struct WindowReading {
  std::vector<SeriesReading> now;
  std::vector<SeriesReading> recent;
};

// Any thread, one at a time.
class Window {
 public:
  static constexpr std::chrono::seconds length{60};
  static constexpr std::chrono::seconds between_looks{5};  // the minute is that much longer or shorter at most

  // What was counted before does not belong to the last minute. `registry` outlives it.
  Window(const Registry& registry, SteadyTime now);

  // Called every five seconds or so.
  void look(SteadyTime now);
  WindowReading read(SteadyTime now);

 private:
  using Name = std::pair<std::string_view, std::vector<std::string>>;
  struct State {
    SteadyTime since;
    std::vector<Reading> readings;
  };
  struct Past {
    // One for each look at which the series had changed; the first is a minute old, or what the series began with.
    std::deque<State> states;
    SteadyTime seen;
  };

  static void forget_old(Past& past, SteadyTime now);

  const Registry& registry_;
  std::mutex mutex_;
  std::map<Name, Past> past_;
};

}  // namespace meerkat::metrics
