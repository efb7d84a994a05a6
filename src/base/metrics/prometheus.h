// SPDX-License-Identifier: Apache-2.0
// Metrics as Prometheus reads them, with the names and types that MongooseIM gives them: text exposition format 0.0.4
// (https://prometheus.io/docs/instrumenting/exposition_formats/) or OpenMetrics 1.0.0.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/metrics/process_facts.h"
#include "base/metrics/registry.h"

namespace meerkat::metrics {

// How it is written. OpenMetrics wants the samples of counters to end in "_total" (§Counter): there
// "mod_roster_get_count" is the name of the family, and "mod_roster_get_count_total" that of its samples.
enum class Exposition : std::uint8_t { text, open_metrics };

// "mod_roster_get_count"
std::string prometheus_name(const Event& event, const Measurement& measurement);
// A gauge can go down there, a counter cannot; so our counter is a gauge.
std::string_view prometheus_type(Kind kind);

// In the order of the readings, which is that of Registry::read: series of one event stand together. What has no value
// yet is left out, as is what does not have `part` in its name.
std::string prometheus_text(std::span<const SeriesReading> all, std::string_view part = {},
                            Exposition how = Exposition::text);

// What dashboards for any process expect (process_cpu_seconds_total, process_open_fds, …): by those names everywhere.
std::string process_text(const ProcessFacts& process, std::string_view part = {}, Exposition how = Exposition::text);

// OpenMetrics ends with it.
inline constexpr std::string_view end_of_open_metrics = "# EOF\n";

}  // namespace meerkat::metrics
