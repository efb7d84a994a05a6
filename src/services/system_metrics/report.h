// SPDX-License-Identifier: Apache-2.0
// A report: items with a name and parameters, in the order and with the names that MongooseIM gives them. How it is
// written: the file for people, the requests of Google Analytics' measurement protocol (GA4) for collectors.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/metrics/registry.h"

namespace meerkat {

struct SystemFacts;

struct ReportItem {
  using Value = std::variant<std::int64_t, std::string>;

  std::string name;
  std::vector<std::pair<std::string, Value>> params;

  friend bool operator==(const ReportItem&, const ReportItem&) = default;
};
using Report = std::vector<ReportItem>;

// Messages, requests and presences from clients, and those to clients.
using StanzaTotals = std::array<std::uint64_t, 6>;
StanzaTotals stanza_totals(std::span<const metrics::SeriesReading> all);

struct ReportMoment {
  std::chrono::seconds uptime{0};
  StanzaTotals totals{};
  StanzaTotals before{};  // as the report before this one had them; 0 for the first
};

Report make_report(const SystemFacts& facts, const ReportMoment& moment);

// An array, two spaces for each step, with a newline at its end.
std::string pretty_json(std::span<const ReportItem> report);
// {"value":2}
std::string params_json(const ReportItem& item);

// How many items a request may have.
inline constexpr std::size_t most_events = 25;
// The body of one request.
std::string request_body(std::string_view client_id, std::span<const ReportItem> events);

}  // namespace meerkat
