// SPDX-License-Identifier: Apache-2.0
// Metrics as Graphite and StatsD take them, by the names that Exometer's reporters give them.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/metrics/exometer.h"

namespace meerkat::metrics {

// "prefix.localhost.sm_session.logins.count 5 1763800000", a line for each datapoint that is reported. The dots of a
// host type stay, as there, and so each part of it is a folder of Graphite; what would end the name is replaced by "_".
// `prefix` may have dots; empty: none.
std::string graphite_lines(std::span<const ExometerMetric> metrics, std::string_view prefix, WallTime now);

// "prefix.localhost.sm_session.logins.count:5|g", several to a datagram of at most so many bytes. Everything is a
// gauge: what Exometer's reporter says of what it was told no other type for. A value below 0 follows a 0, for a sign
// alone makes it a change (https://github.com/statsd/statsd/blob/master/docs/metric_types.md).
std::vector<std::string> statsd_datagrams(std::span<const ExometerMetric> metrics, std::string_view prefix,
                                          std::size_t largest);

}  // namespace meerkat::metrics
