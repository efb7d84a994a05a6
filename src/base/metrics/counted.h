// SPDX-License-Identifier: Apache-2.0
// The two commonest events, bound: what is counted, and what is timed as well.
#pragma once

#include <chrono>
#include <initializer_list>
#include <string_view>

#include "base/metrics/registry.h"

namespace meerkat::metrics {

// An event with the spiral "count".
class Counted {
 public:
  Counted(Registry& registry, const Event& event, std::initializer_list<std::string_view> labels)
      : series_(registry, event, labels), count_(series_.spiral("count")) {}

  void add(std::uint64_t times = 1) const noexcept { count_.add(times); }

 private:
  Series series_;
  Spiral count_;
};

// An event with the spiral "count" and the histogram "time".
class Timed {
 public:
  Timed(Registry& registry, const Event& event, std::initializer_list<std::string_view> labels)
      : series_(registry, event, labels), count_(series_.spiral("count")), time_(series_.histogram("time")) {}

  // It has happened.
  void add(std::chrono::nanoseconds time) const noexcept {
    begins();
    took(time);
  }
  // Or it begins, and has an end.
  void begins() const noexcept { count_.add(); }
  void took(std::chrono::nanoseconds time) const noexcept {
    time_.record(time);
    series_.took(time);
  }

 private:
  Series series_;
  Spiral count_;
  Histogram time_;
};

}  // namespace meerkat::metrics
