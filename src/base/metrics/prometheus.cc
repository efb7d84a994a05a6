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

constexpr std::string_view total = "_total";

// What stands in a headline, and what before the labels.
struct Names {
  std::string family, sample;
};

Names names_of(std::string name, std::string_view type, Exposition how) {
  if (how == Exposition::text || type != "counter") return {name, name};
  if (name.ends_with(total)) name.resize(name.size() - total.size());
  std::string sample = name + std::string{total};
  return {std::move(name), std::move(sample)};
}

void append_headline(std::string& out, std::string_view family, std::string_view type, std::string_view help) {
  fmt::format_to(std::back_inserter(out), "# TYPE {0} {1}\n# HELP {0} {2}\n", family, type, help);
}

// One measurement of all series of an event.
void append_family(std::string& out, std::span<const SeriesReading> event, std::size_t measurement,
                   std::string_view part, Exposition how) {
  const Event& declared = event.front().event;
  const Measurement& measured = declared.measurements[measurement];
  const std::string name = prometheus_name(declared, measured);
  if (name.find(part) == std::string::npos) return;
  const auto speaks = [&](const SeriesReading& series) { return has_value(series.readings[measurement]); };
  if (std::ranges::none_of(event, speaks)) return;
  const Names names = names_of(name, prometheus_type(measured.kind), how);
  append_headline(out, names.family, prometheus_type(measured.kind),
                  fmt::format("Event: {}, Metric: {}", declared.name, measured.name));
  for (const SeriesReading& series : event) {
    if (!speaks(series)) continue;
    const std::string labels = labels_of(series);
    if (const auto* const distribution = std::get_if<Distribution>(&series.readings[measurement]))
      append_distribution(out, names.sample, labels, *distribution);
    else
      append_number(out, names.sample, labels, std::get<std::int64_t>(series.readings[measurement]));
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

std::string process_text(const ProcessFacts& process, std::string_view part, Exposition how) {
  struct Fact {
    std::string_view name, type, help;
    double value;
  };
  const auto number = [](std::uint64_t value) { return static_cast<double>(value); };
  std::string out;
  for (const Fact& fact : {
           Fact{"process_cpu_seconds_total", "counter", "Time of processors that was taken, in seconds.",
                process.cpu_seconds},
           Fact{"process_start_time_seconds", "gauge", "When the process began, in seconds since 1970.", process.began},
           Fact{"process_resident_memory_bytes", "gauge", "Memory that is taken.", number(process.resident_bytes)},
           Fact{"process_virtual_memory_bytes", "gauge", "Addresses that are in use.", number(process.virtual_bytes)},
           Fact{"process_open_fds", "gauge", "Open descriptors.", number(process.open_descriptors)},
           Fact{"process_max_fds", "gauge", "How many there may be.", number(process.most_descriptors)},
           Fact{"process_threads", "gauge", "Threads.", number(process.threads)},
       }) {
    if (fact.name.find(part) == std::string_view::npos) continue;
    const Names names = names_of(std::string{fact.name}, fact.type, how);
    append_headline(out, names.family, fact.type, fact.help);
    fmt::format_to(std::back_inserter(out), "{} {:.17g}\n", names.sample, fact.value);
  }
  return out;
}

std::string prometheus_text(std::span<const SeriesReading> all, std::string_view part, Exposition how) {
  std::string out;
  while (!all.empty()) {
    const std::string_view name = all.front().event.name;
    const auto other = std::ranges::find_if(all, [&](const SeriesReading& each) { return each.event.name != name; });
    const auto event = all.first(static_cast<std::size_t>(other - all.begin()));
    for (std::size_t i = 0; i < event.front().event.measured().size(); ++i) append_family(out, event, i, part, how);
    all = all.subspan(event.size());
  }
  return out;
}

}  // namespace meerkat::metrics
