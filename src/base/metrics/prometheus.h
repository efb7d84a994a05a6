// SPDX-License-Identifier: Apache-2.0
// Metrics as Prometheus reads them (text exposition format 0.0.4), with the names and types that MongooseIM gives them.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/metrics/registry.h"

namespace meerkat::metrics {

// "mod_roster_get_count"
std::string prometheus_name(const Event& event, const Measurement& measurement);
// A gauge can go down there, a counter cannot; so our counter is a gauge.
std::string_view prometheus_type(Kind kind);

// In the order of the readings, which is that of Registry::read: series of one event stand together. What has no value
// yet is left out, as is what does not have `part` in its name.
std::string prometheus_text(std::span<const SeriesReading> all, std::string_view part = {});

}  // namespace meerkat::metrics
