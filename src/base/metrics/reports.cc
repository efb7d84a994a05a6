// SPDX-License-Identifier: Apache-2.0
#include "base/metrics/reports.h"

#include <iterator>

#include <fmt/format.h>

namespace meerkat::metrics {
namespace {

// Neither may end the name, nor may it lead out of a folder of Graphite.
bool belongs_into_name(char c) {
  return static_cast<unsigned char>(c) > ' ' && c != ':' && c != '|' && c != '@' && c != '/' && c != '\x7f';
}

void append_word(std::string& path, std::string_view word) {
  if (!path.empty()) path += '.';
  for (const char c : word) path += belongs_into_name(c) ? c : '_';
}

std::string path_of(const ExometerMetric& metric, std::string_view prefix) {
  std::string path;
  if (!prefix.empty()) append_word(path, prefix);
  for (const std::string& word : metric.name) append_word(path, word);
  return path;
}

template <class Take>
void each_datapoint(std::span<const ExometerMetric> metrics, std::string_view prefix, Take take) {
  for (const ExometerMetric& metric : metrics) {
    const std::string path = path_of(metric, prefix);
    for (const auto& [datapoint, value] : metric.datapoints)
      if (is_reported(datapoint)) take(path, datapoint, value);
  }
}

}  // namespace

std::string graphite_lines(std::span<const ExometerMetric> metrics, std::string_view prefix, WallTime now) {
  std::string lines;
  each_datapoint(metrics, prefix, [&](std::string_view path, std::string_view datapoint, std::int64_t value) {
    fmt::format_to(std::back_inserter(lines), "{}.{} {} {}\n", path, datapoint, value, seconds_of(now));
  });
  return lines;
}

std::vector<std::string> statsd_datagrams(std::span<const ExometerMetric> metrics, std::string_view prefix,
                                          std::size_t largest) {
  std::vector<std::string> datagrams;
  std::string line;
  each_datapoint(metrics, prefix, [&](std::string_view path, std::string_view datapoint, std::int64_t value) {
    line.clear();
    if (value < 0) fmt::format_to(std::back_inserter(line), "{}.{}:0|g\n", path, datapoint);
    fmt::format_to(std::back_inserter(line), "{}.{}:{}|g", path, datapoint, value);
    if (line.size() > largest) return;  // a name that nobody could have given
    if (datagrams.empty() || datagrams.back().size() + 1 + line.size() > largest)
      datagrams.push_back(line);
    else
      datagrams.back().append("\n").append(line);
  });
  return datagrams;
}

}  // namespace meerkat::metrics
