// SPDX-License-Identifier: Apache-2.0
// mongoose_prometheus_handler: what is counted and measured, for Prometheus to read over HTTP.
#pragma once

#include <memory>
#include <string_view>

#include "base/metrics/prometheus.h"
#include "core/http_handler_entry.h"
#include "net/http_handler.h"

namespace meerkat::admin {

struct PrometheusHandlerOptions {
  friend bool operator==(const PrometheusHandlerOptions&, const PrometheusHandlerOptions&) = default;
};

// One per worker.
class PrometheusHandler final : public HttpHandler {
 public:
  PrometheusHandler(const HttpPlace& place, const std::shared_ptr<const PrometheusHandlerOptions>&)
      : office_(place.office) {}

  Task<HttpResponse> answer(const HttpRequest& request) override;

 private:
  const Office* const office_;
};

HttpHandlerEntry prometheus_handler();

// By its Accept header (RFC 9110 §12.5.1). Who takes either gets the text format, whatever he likes better: its names
// are those of MongooseIM's dashboards, while OpenMetrics wants counters to end in "_total".
metrics::Exposition wanted_exposition(std::string_view accept);

}  // namespace meerkat::admin
