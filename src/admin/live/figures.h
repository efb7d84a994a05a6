// SPDX-License-Identifier: Apache-2.0
// The live figures of a server: what there are, one sample of them, and their history.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <span>
#include <string_view>
#include <vector>

#include "admin/command.h"
#include "base/clock.h"
#include "base/metrics/registry.h"

namespace meerkat::admin {

enum class Figure : std::uint8_t {
  sessions,
  detached,
  connections,
  strangers,
  logins,
  logouts,
  failed_logins,
  messages_in,
  messages_out,
  presences_in,
  presences_out,
  iqs_in,
  iqs_out,
  bytes_in,
  bytes_out,
  stanzas_timed,
  stanza_p50_us,
  stanza_p95_us,
  stanza_p99_us,
  lag_us,
  cpu,
  memory,
  heap,
  pool_calls,
  pool_failures,
  pool_queued,
  pool_under_way
};
inline constexpr std::size_t figure_count = static_cast<std::size_t>(Figure::pool_under_way) + 1;

enum class FigureKind : std::uint8_t {
  level,       // how it is; of a minute, the mean
  most,        // of a minute, the largest
  happened,    // how often in the time of the sample; of a minute, the sum
  percentile,  // of all of the time of the sample
};

struct FigureDescription {
  std::string_view name;
  FigureKind kind;
  ColumnType type;
  std::string_view sentence;
};

// In the order of Figure.
std::span<const FigureDescription> figure_descriptions();

// What happened in a second, or in a minute.
struct Sample {
  static constexpr std::int64_t unknown = INT64_MIN;

  std::int64_t at = 0;  // seconds since 1970, when it was over; each is larger than the one before
  std::int64_t seconds = 1;
  std::array<std::int64_t, figure_count> values;

  Sample() { values.fill(unknown); }
  std::int64_t& operator[](Figure figure) { return values[static_cast<std::size_t>(figure)]; }
  std::int64_t operator[](Figure figure) const { return values[static_cast<std::size_t>(figure)]; }
  // Of the stanzas that took so long; unknown when there were none.
  void set_percentiles(const metrics::Distribution& times);
};

enum class Every : std::uint8_t { second, minute };

// Five minutes of seconds and a day of minutes: 400 KB. Any thread.
class History {
 public:
  static constexpr std::size_t most_seconds = 300;
  static constexpr std::size_t most_minutes = 1440;

  // One second more, at a later time than the one before. `times`: how long stanzas took in it.
  void add(Sample sample, const metrics::Distribution& times);
  // The newest `most` of those that are newer than `at`, oldest first.
  std::vector<Sample> since(std::int64_t at, Every every, std::size_t most) const;

 private:
  void end_minute();

  mutable std::mutex mutex_;
  std::deque<Sample> seconds_;
  std::deque<Sample> minutes_;
  std::vector<Sample> minute_;  // the seconds of the one that goes on
  metrics::Distribution times_;
};

}  // namespace meerkat::admin
