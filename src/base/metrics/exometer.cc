// SPDX-License-Identifier: Apache-2.0
#include "base/metrics/exometer.h"

#include <algorithm>
#include <cmath>
#include <iterator>

#include <fmt/format.h>

namespace meerkat::metrics {
namespace {

// What limits a bucket: above the first, up to the second. There is no limit to the last one, which is taken to be as
// wide as the one before.
std::int64_t below(std::size_t bucket) { return bucket == 0 ? 0 : std::int64_t{1} << (bucket - 1); }
std::int64_t limit(std::size_t bucket) { return std::int64_t{1} << bucket; }

std::vector<std::string> name_of(const SeriesReading& series, const Measurement& measurement, Prefix prefix) {
  std::string first = "global";
  std::vector<std::pair<std::string_view, std::string_view>> others;
  const auto keys = series.event.label_keys();
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (keys[i] != "host_type") {
      others.emplace_back(keys[i], series.labels[i]);
    } else if (prefix == Prefix::host_type && !series.labels[i].empty()) {
      first = series.labels[i];
      std::ranges::replace(first, ' ', '_');
    }
  }
  std::ranges::sort(others);
  std::vector<std::string> name{std::move(first), std::string{series.event.name}};
  for (const auto& [key, value] : others) name.emplace_back(value);
  name.emplace_back(measurement.name);
  return name;
}

ExometerMetric metric_of(std::vector<std::string> name, Kind kind, const Reading& reading) {
  if (const auto* const value = std::get_if<std::int64_t>(&reading))
    return {std::move(name), {{kind == Kind::spiral ? "count" : "value", *value}}};
  const auto& distribution = std::get<Distribution>(reading);
  const auto count = static_cast<std::int64_t>(distribution.count());
  const auto at = [&](double share) { return percentile(distribution, share); };
  return {std::move(name),
          {{"n", count},
           {"mean", static_cast<std::int64_t>(distribution.sum) / std::max<std::int64_t>(count, 1)},
           {"min", at(0)},
           {"max", at(1)},
           {"median", at(0.5)},
           {"50", at(0.5)},
           {"75", at(0.75)},
           {"90", at(0.9)},
           {"95", at(0.95)},
           {"99", at(0.99)},
           {"999", at(0.999)}}};
}

}  // namespace

std::int64_t percentile(const Distribution& distribution, double share) {
  const std::uint64_t count = distribution.count();
  const auto rank =
      std::max<std::uint64_t>(1, static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(count))));
  std::uint64_t before = 0;
  for (std::size_t i = 0; i < Histogram::buckets; ++i) {
    const std::uint64_t here = distribution.in_bucket[i];
    if (before + here < rank) {
      before += here;
      continue;
    }
    const double way = static_cast<double>(rank - before) / static_cast<double>(here);
    return below(i) + static_cast<std::int64_t>(std::llround(way * static_cast<double>(limit(i) - below(i))));
  }
  return 0;
}

std::vector<ExometerMetric> exometer_metrics(std::span<const SeriesReading> all, Prefix prefix) {
  std::vector<ExometerMetric> metrics;
  for (const SeriesReading& series : all) {
    const auto measured = series.event.measured();
    for (std::size_t i = 0; i < measured.size(); ++i)
      if (!std::holds_alternative<std::monostate>(series.readings[i]))
        metrics.push_back(metric_of(name_of(series, measured[i], prefix), measured[i].kind, series.readings[i]));
  }
  return metrics;
}

std::string exometer_text(std::span<const SeriesReading> all, std::string_view part) {
  std::string out;
  for (const ExometerMetric& metric : exometer_metrics(all)) {
    const std::string name = fmt::format("[{}]", fmt::join(metric.name, ", "));
    if (name.find(part) == std::string::npos) continue;
    out += name;
    for (const auto& [datapoint, value] : metric.datapoints)
      fmt::format_to(std::back_inserter(out), " {}={}", datapoint, value);
    out += '\n';
  }
  return out;
}

}  // namespace meerkat::metrics
