// SPDX-License-Identifier: Apache-2.0
// [services.service_mongoose_system_metrics], with MongooseIM's keys and defaults.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "config/section.h"
#include "store/http/options.h"

namespace meerkat {

// Of a stream of Google Analytics 4, or of what speaks its measurement protocol.
struct TrackingId {
  std::string id;
  std::string secret;

  friend bool operator==(const TrackingId&, const TrackingId&) = default;
};

struct SystemMetricsOptions {
  std::optional<bool> report;  // false: nothing runs; true: no word about it
  std::chrono::milliseconds initial_report{300'000};
  std::chrono::milliseconds periodic_report{10'800'000};
  std::optional<TrackingId> tracking_id;  // without it nothing is sent
  std::string endpoint = "https://www.google-analytics.com/mp/collect";
  std::optional<std::string> pool;  // a tag of [outgoing_pools.http]

  bool is_on() const { return report.value_or(true); }
  friend bool operator==(const SystemMetricsOptions&, const SystemMetricsOptions&) = default;
};

config::Section<SystemMetricsOptions> system_metrics_section();

// What `endpoint` says.
struct Endpoint {
  std::string host;  // "https://example.org:8443", as the connection of a pool says it
  std::string path;  // "/mp/collect"
};

// Nothing when it is not of that form.
std::optional<Endpoint> read_endpoint(std::string_view url);

// What is left of the endpoint's path behind the path_prefix of a pool; nothing when the pool leads elsewhere.
std::optional<std::string> path_in_pool(const Endpoint& endpoint, const http::Connection& pool);

}  // namespace meerkat
