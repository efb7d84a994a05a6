// SPDX-License-Identifier: Apache-2.0
// Metrics by the names that MongooseIM gives them in Exometer, and so in Graphite and StatsD: paths without labels.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/metrics/registry.h"

namespace meerkat::metrics {

// What the first word of a name is.
enum class Prefix : std::uint8_t {
  host_type,    // "global" for what belongs to none
  global_only,  // instrumentation.exometer.all_metrics_are_global
};

struct ExometerMetric {
  std::vector<std::string> name;  // [localhost, mod_roster_rdbms, get_roster, time]
  // "count" 5, or "mean" 120 and others. What is between the limits of a bucket is taken to be spread evenly.
  std::vector<std::pair<std::string_view, std::int64_t>> datapoints;
};

// In the order of the readings; what has no value yet is left out. `recent` is of the same series in the same order
// what was counted in the last minute: spirals tell it as "one", and histograms only that. Without it histograms are
// since the start. Host types that have one name together are added up.
std::vector<ExometerMetric> exometer_metrics(std::span<const SeriesReading> all,
                                             std::span<const SeriesReading> recent = {},
                                             Prefix prefix = Prefix::host_type);

// Whether reports have it: they do without "n" and some percentiles.
bool is_reported(std::string_view datapoint);

// "[localhost, mod_roster_rdbms, get_roster, count] count=5", a line for each that has `part` in its name.
std::string exometer_text(std::span<const ExometerMetric> metrics, std::string_view part = {});

// The value that `share` (0.95) of all are not above, as well as the buckets tell.
std::int64_t percentile(const Distribution& distribution, double share);

}  // namespace meerkat::metrics
