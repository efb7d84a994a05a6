// SPDX-License-Identifier: Apache-2.0
#include "server/instrumentation_section.h"

#include <set>
#include <string>

#include "server/log_section.h"

namespace meerkat {
namespace {

using namespace config;

// Who would be told twice would have every value twice.
template <class Options>
void check_names(const std::vector<Options>& reporters, Checker& checker, std::string_view key) {
  std::set<std::string> names;
  for (const Options& options : reporters)
    if (!names.insert(reports::name_of(options)).second)
      checker.refuse(key, "there are two tables with the host \"" + options.host + "\" and the port " +
                              std::to_string(options.port) + " — leave one out");
}

Section<ReportSettings> report_section() {
  using S = ReportSettings;
  return Section<S>{"instrumentation.exometer.report", "Servers that are told everything at intervals."}
      .list("graphite", &S::graphite, reports::graphite_section())
      .list("statsd", &S::statsd, reports::statsd_section())
      .check([](const S& report, Checker& checker) {
        check_names(report.graphite, checker, "graphite");
        check_names(report.statsd, checker, "statsd");
      });
}

Section<ExometerSettings> exometer_section() {
  using S = ExometerSettings;
  return Section<S>{"instrumentation.exometer",
                    "Metrics by the names that Exometer has for them, with what came in the last minute. Without this "
                    "table nothing is kept for that minute."}
      .option("all_metrics_are_global", &S::all_metrics_are_global,
              "All host types are added up under \"global\". With hundreds of them there is less to tell.")
      .section("report", &S::report, report_section());
}

Section<EventLogSettings> event_log_section() {
  using S = EventLogSettings;
  return Section<S>{"instrumentation.log",
                    "Everything that is counted and measured becomes a line of the log when it happens, at most 1000 "
                    "in a second. For finding a fault: each line costs more than what it tells of."}
      .option("level", &S::level,
              "The importance of these lines. They are written where `general.loglevel`, or `base` of `log.levels`, "
              "is as low.")
      .check([](const S& log, Checker& checker) {
        if (log.level == LogLevel::none) checker.refuse("level", "\"none\" is no level — leave the table out");
      });
}

}  // namespace

Section<InstrumentationSettings> instrumentation_section() {
  using S = InstrumentationSettings;
  return Section<S>{"instrumentation", "Who is told what is counted and measured in the server."}
      .option("probe_interval", &S::probe_interval,
              "What is looked at instead of counted (queues, memory, sockets) is looked at again only after so long, "
              "however often somebody asks.",
              at_least(1), at_most(86'400))
      .section("prometheus", &S::prometheus,
               Section<PrometheusSettings>{"instrumentation.prometheus",
                                           "Lets Prometheus read the metrics, where a listener for HTTP has a "
                                           "`mongoose_prometheus_handler`."})
      .section("exometer", &S::exometer, exometer_section())
      .section("log", &S::log, event_log_section());
}

}  // namespace meerkat
