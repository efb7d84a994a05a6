// SPDX-License-Identifier: Apache-2.0
#include "core/backend_metrics.h"

#include "core/hall.h"

namespace meerkat {
namespace {

metrics::Event event_of(std::string_view name) {
  return {.name = name,
          .sentence = "A module asked its store.",
          .labels = {"function", "host_type"},
          .measurements = {{"count", metrics::Kind::spiral}, {"time", metrics::Kind::histogram}}};
}

}  // namespace

std::string_view metric_name(Backend backend) { return backend == Backend::rdbms ? "rdbms" : "mnesia"; }

BackendMetrics::BackendMetrics(const HostType& host, std::string_view module, std::string_view backend)
    : event_(std::string{module} + "_" + std::string{backend}), host_(host) {}

BackendCall::BackendCall(const BackendMetrics& metrics, std::string_view function)
    : TimedCall(metrics.host_.hall.worker.clock(),
                {metrics.host_.hall.metrics, event_of(metrics.event_), {function, metrics.host_.name}}) {}

}  // namespace meerkat
