// SPDX-License-Identifier: Apache-2.0
#include "base/metrics/exometer.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <iterator>
#include <map>
#include <optional>

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

using Datapoints = decltype(ExometerMetric::datapoints);

// What the values can have been: within the limits of the buckets that are in use, around their mean.
struct Range {
  std::int64_t mean = 0, least = 0, most = 0;
};

Range range_of(const Distribution& distribution) {
  const std::uint64_t count = distribution.count();
  if (count == 0) return {};
  const auto mean = static_cast<std::int64_t>(distribution.sum / count);
  if (count == 1) return {mean, mean, mean};
  const auto is_used = [](std::uint64_t values) { return values > 0; };
  const auto& buckets = distribution.in_bucket;
  const auto lowest = static_cast<std::size_t>(std::ranges::find_if(buckets, is_used) - buckets.begin());
  std::size_t highest = buckets.size() - 1;
  while (buckets[highest] == 0) --highest;
  Range range{mean, std::min(mean, lowest == 0 ? 0 : below(lowest) + 1), std::max(mean, limit(highest))};
  if (lowest != highest) return range;
  // None is farther from the mean than it is from the nearer limit, when they are spread evenly.
  const std::int64_t distance = std::min(mean - range.least, range.most - mean);
  return {mean, mean - distance, mean + distance};
}

Datapoints datapoints_of(const Distribution& distribution) {
  const Range range = range_of(distribution);
  const auto at = [&](double share) { return std::clamp(percentile(distribution, share), range.least, range.most); };
  return {{"n", static_cast<std::int64_t>(distribution.count())},
          {"mean", range.mean},
          {"min", range.least},
          {"max", range.most},
          {"median", at(0.5)},
          {"50", at(0.5)},
          {"75", at(0.75)},
          {"90", at(0.9)},
          {"95", at(0.95)},
          {"99", at(0.99)},
          {"999", at(0.999)}};
}

std::int64_t milliseconds_since(Gauge::Time set) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - set).count();
}

// What several host types have of one measurement, until it is told.
struct Sum {
  Kind kind;
  Gauge::Time set;
  Reading all;
  std::optional<Reading> recent;
};

void add(Reading& sum, const Reading& other) {
  if (auto* const number = std::get_if<std::int64_t>(&sum)) {
    *number += std::get<std::int64_t>(other);
    return;
  }
  auto& distribution = std::get<Distribution>(sum);
  const auto& more = std::get<Distribution>(other);
  for (std::size_t i = 0; i < Histogram::buckets; ++i) distribution.in_bucket[i] += more.in_bucket[i];
  distribution.sum += more.sum;
}

Datapoints datapoints_of(const Sum& sum) {
  if (sum.kind == Kind::histogram) return datapoints_of(std::get<Distribution>(sum.recent.value_or(sum.all)));
  const auto value = std::get<std::int64_t>(sum.all);
  switch (sum.kind) {
    case Kind::gauge:
      return {{"value", value}, {"ms_since_reset", milliseconds_since(sum.set)}};
    case Kind::spiral:
      if (sum.recent) return {{"count", value}, {"one", std::get<std::int64_t>(*sum.recent)}};
      return {{"count", value}};
    default:
      return {{"value", value}};
  }
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

std::vector<ExometerMetric> exometer_metrics(std::span<const SeriesReading> all, std::span<const SeriesReading> recent,
                                             Prefix prefix) {
  std::vector<std::pair<std::vector<std::string>, Sum>> sums;
  std::map<std::vector<std::string>, std::size_t> places;
  for (std::size_t s = 0; s < all.size(); ++s) {
    const SeriesReading& series = all[s];
    const auto measured = series.event.measured();
    for (std::size_t i = 0; i < measured.size(); ++i) {
      if (std::holds_alternative<std::monostate>(series.readings[i])) continue;
      std::optional<Reading> last_minute;
      if (!recent.empty()) last_minute = recent[s].readings[i];
      auto name = name_of(series, measured[i], prefix);
      const auto [place, is_new] = places.try_emplace(name, sums.size());
      if (is_new) {
        sums.emplace_back(std::move(name), Sum{measured[i].kind, series.gauges_set, series.readings[i], last_minute});
        continue;
      }
      Sum& sum = sums[place->second].second;
      add(sum.all, series.readings[i]);
      if (sum.recent) add(*sum.recent, *last_minute);
      sum.set = std::max(sum.set, series.gauges_set);
    }
  }
  std::vector<ExometerMetric> metrics;
  metrics.reserve(sums.size());
  for (auto& [name, sum] : sums) metrics.push_back({std::move(name), datapoints_of(sum)});
  return metrics;
}

bool is_reported(std::string_view datapoint) {
  constexpr std::string_view left_out[] = {"n", "50", "75", "90"};
  return std::ranges::find(left_out, datapoint) == std::end(left_out);
}

std::string exometer_text(std::span<const ExometerMetric> metrics, std::string_view part) {
  std::string out;
  for (const ExometerMetric& metric : metrics) {
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
