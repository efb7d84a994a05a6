// SPDX-License-Identifier: Apache-2.0
// Test support: what was counted.
//
//   CHECK(counted(server.metrics, "mod_ping_response", "count") == 1);
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/check.h"
#include "base/metrics/registry.h"

namespace meerkat {

namespace test_metrics_detail {
template <class Take>
void each_reading(const metrics::Registry& registry, std::string_view event, std::string_view measurement,
                  std::optional<std::string_view> label, Take take) {
  for (const metrics::SeriesReading& series : registry.read()) {
    if (series.event.name != event) continue;
    if (label && std::ranges::find(series.labels, *label) == series.labels.end()) continue;
    const auto measured = series.event.measured();
    const auto found = std::ranges::find(measured, measurement, &metrics::Measurement::name);
    check(found != measured.end(), "tests know what is measured");
    take(series.readings[static_cast<std::size_t>(found - measured.begin())]);
  }
}
}  // namespace test_metrics_detail

// Of all series of the event, or of those with a label of that value.
inline std::int64_t counted(const metrics::Registry& registry, std::string_view event, std::string_view measurement,
                            std::optional<std::string_view> label = {}) {
  std::int64_t all = 0;
  test_metrics_detail::each_reading(registry, event, measurement, label,
                                    [&](const metrics::Reading& reading) { all += std::get<std::int64_t>(reading); });
  return all;
}

// What values were recorded, added up.
inline std::uint64_t recorded(const metrics::Registry& registry, std::string_view event, std::string_view measurement,
                              std::optional<std::string_view> label = {}) {
  std::uint64_t all = 0;
  test_metrics_detail::each_reading(registry, event, measurement, label, [&](const metrics::Reading& reading) {
    all += std::get<metrics::Distribution>(reading).sum;
  });
  return all;
}

// And how many they were.
inline std::uint64_t times_recorded(const metrics::Registry& registry, std::string_view event,
                                    std::string_view measurement, std::optional<std::string_view> label = {}) {
  std::uint64_t all = 0;
  test_metrics_detail::each_reading(registry, event, measurement, label, [&](const metrics::Reading& reading) {
    all += std::get<metrics::Distribution>(reading).count();
  });
  return all;
}

}  // namespace meerkat
