// SPDX-License-Identifier: Apache-2.0
#include "base/metrics/prometheus.h"

#include <algorithm>
#include <iterator>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace meerkat::metrics {
namespace {

void append_escaped(std::string& out, std::string_view value) {
  for (const char c : value) {
    if (c == '\n') {
      out += "\\n";
      continue;
    }
    if (c == '\\' || c == '"') out += '\\';
    out += c;
  }
}

// `function="get_roster",host_type="localhost"`, by the names of the keys.
std::string labels_of(const SeriesReading& series) {
  const auto keys = series.event.label_keys();
  std::vector<std::pair<std::string_view, std::string_view>> pairs;
  pairs.reserve(keys.size());
  for (std::size_t i = 0; i < keys.size(); ++i) pairs.emplace_back(keys[i], series.labels[i]);
  std::ranges::sort(pairs);
  std::string text;
  for (const auto& [key, value] : pairs) {
    if (!text.empty()) text += ',';
    text.append(key).append("=\"");
    append_escaped(text, value);
    text += '"';
  }
  return text;
}

void append_number(std::string& out, std::string_view name, std::string_view labels, std::int64_t value) {
  if (labels.empty())
    fmt::format_to(std::back_inserter(out), "{} {}\n", name, value);
  else
    fmt::format_to(std::back_inserter(out), "{}{{{}}} {}\n", name, labels, value);
}

void append_distribution(std::string& out, std::string_view name, const std::string& labels,
                         const Distribution& distribution) {
  const std::string before = labels.empty() ? "" : labels + ",";
  std::uint64_t up_to_here = 0;
  for (std::size_t i = 0; i < Histogram::buckets; ++i) {
    up_to_here += distribution.in_bucket[i];
    const bool is_last = i + 1 == Histogram::buckets;
    const std::string limit = is_last ? "+Inf" : std::to_string(std::uint64_t{1} << i);
    fmt::format_to(std::back_inserter(out), "{}_bucket{{{}le=\"{}\"}} {}\n", name, before, limit, up_to_here);
  }
  append_number(out, fmt::format("{}_sum", name), labels, static_cast<std::int64_t>(distribution.sum));
  append_number(out, fmt::format("{}_count", name), labels, static_cast<std::int64_t>(up_to_here));
}

bool has_value(const Reading& reading) {
  if (const auto* const distribution = std::get_if<Distribution>(&reading)) return distribution->count() > 0;
  return !std::holds_alternative<std::monostate>(reading);
}

// One measurement of all series of an event.
void append_family(std::string& out, std::span<const SeriesReading> event, std::size_t measurement,
                   std::string_view part) {
  const Event& declared = event.front().event;
  const Measurement& measured = declared.measurements[measurement];
  const std::string name = prometheus_name(declared, measured);
  if (name.find(part) == std::string::npos) return;
  const auto speaks = [&](const SeriesReading& series) { return has_value(series.readings[measurement]); };
  if (std::ranges::none_of(event, speaks)) return;
  fmt::format_to(std::back_inserter(out), "# TYPE {0} {1}\n# HELP {0} Event: {2}, Metric: {3}\n", name,
                 prometheus_type(measured.kind), declared.name, measured.name);
  for (const SeriesReading& series : event) {
    if (!speaks(series)) continue;
    const std::string labels = labels_of(series);
    if (const auto* const distribution = std::get_if<Distribution>(&series.readings[measurement]))
      append_distribution(out, name, labels, *distribution);
    else
      append_number(out, name, labels, std::get<std::int64_t>(series.readings[measurement]));
  }
}

}  // namespace

std::string prometheus_name(const Event& event, const Measurement& measurement) {
  return fmt::format("{}_{}", event.name, measurement.name);
}

std::string_view prometheus_type(Kind kind) {
  switch (kind) {
    case Kind::gauge:
    case Kind::counter:
      return "gauge";
    case Kind::spiral:
      return "counter";
    case Kind::histogram:
      return "histogram";
  }
  return {};
}

std::string prometheus_text(std::span<const SeriesReading> all, std::string_view part) {
  std::string out;
  while (!all.empty()) {
    const std::string_view name = all.front().event.name;
    const auto other = std::ranges::find_if(all, [&](const SeriesReading& each) { return each.event.name != name; });
    const auto event = all.first(static_cast<std::size_t>(other - all.begin()));
    for (std::size_t i = 0; i < event.front().event.measured().size(); ++i) append_family(out, event, i, part);
    all = all.subspan(event.size());
  }
  return out;
}

}  // namespace meerkat::metrics
