// SPDX-License-Identifier: Apache-2.0
// The figures of a run, for people and as one line of JSON, under the same names.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "admin/bench/latency.h"

namespace meerkat::bench {

// In the order in which figures were added. Names are the program's own words, e.g. "logins_per_s".
class Report {
 public:
  void word(std::string_view name, std::string_view text);
  void count(std::string_view name, std::uint64_t number);
  void figure(std::string_view name, double number);
  // NAME_p50_ms, p90, p99, p999 and max; nothing when nothing was measured.
  void latency(std::string_view name, const Latency& latency);

  // Behind these, all figures of the other.
  void add(const Report& other);

  std::string json() const;
  std::string text() const;

 private:
  struct Line {
    std::string name;
    std::string value;
    bool quoted;
  };
  std::vector<Line> lines_;
};

}  // namespace meerkat::bench
