// SPDX-License-Identifier: Apache-2.0
// [instrumentation]: who is told what is counted and measured, with MongooseIM's keys.
#pragma once

#include <chrono>
#include <optional>
#include <vector>

#include "base/log.h"
#include "config/section.h"
#include "store/reports/report_options.h"

namespace meerkat {

struct PrometheusSettings {};

struct ReportSettings {
  std::vector<reports::GraphiteOptions> graphite;
  std::vector<reports::StatsdOptions> statsd;
};

struct ExometerSettings {
  bool all_metrics_are_global = false;
  ReportSettings report;
};

struct EventLogSettings {
  LogLevel level = LogLevel::debug;
};

struct InstrumentationSettings {
  std::chrono::seconds probe_interval{15};
  std::optional<PrometheusSettings> prometheus;
  std::optional<ExometerSettings> exometer;
  std::optional<EventLogSettings> log;
};

config::Section<InstrumentationSettings> instrumentation_section();

}  // namespace meerkat
