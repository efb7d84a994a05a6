// SPDX-License-Identifier: Apache-2.0
#include "admin/bench/report.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/format.h>

namespace meerkat::bench {
namespace {

// Four figures that mean something, and no exponent.
std::string in_figures(double number) {
  if (!std::isfinite(number)) return "0";
  const double size = std::abs(number);
  const int digits = size >= 1000 ? 0 : size >= 100 ? 1 : size >= 10 ? 2 : size >= 1 ? 3 : 4;
  return fmt::format("{:.{}f}", number, digits);
}

std::string quoted(std::string_view text) {
  std::string out{'"'};
  for (const char c : text) {
    if (c == '"' || c == '\\')
      (out += '\\') += c;
    else if (static_cast<unsigned char>(c) < 0x20)
      out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
    else
      out += c;
  }
  return out + '"';
}

}  // namespace

void Report::word(std::string_view name, std::string_view text) {
  lines_.push_back({std::string{name}, std::string{text}, true});
}

void Report::count(std::string_view name, std::uint64_t number) {
  lines_.push_back({std::string{name}, fmt::format("{}", number), false});
}

void Report::figure(std::string_view name, double number) {
  lines_.push_back({std::string{name}, in_figures(number), false});
}

void Report::latency(std::string_view name, const Latency& latency) {
  if (latency.count() == 0) return;
  const std::pair<const char*, double> shares[] = {{"p50", 0.5}, {"p90", 0.9}, {"p99", 0.99}, {"p999", 0.999}};
  for (const auto& [word, share] : shares)
    figure(fmt::format("{}_{}_ms", name, word), static_cast<double>(latency.percentile(share).count()) / 1e6);
  figure(fmt::format("{}_max_ms", name), static_cast<double>(latency.max().count()) / 1e6);
}

void Report::add(const Report& other) { lines_.insert(lines_.end(), other.lines_.begin(), other.lines_.end()); }

std::string Report::json() const {
  std::string out = "{";
  for (const Line& line : lines_) {
    if (out.size() > 1) out += ", ";
    out += quoted(line.name) + ": " + (line.quoted ? quoted(line.value) : line.value);
  }
  return out + "}\n";
}

std::string Report::text() const {
  std::size_t widest = 0;
  for (const Line& line : lines_) widest = std::max(widest, line.name.size());
  std::string out;
  for (const Line& line : lines_) out += fmt::format("{:<{}}  {}\n", line.name, widest, line.value);
  return out;
}

}  // namespace meerkat::bench
