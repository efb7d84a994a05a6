// SPDX-License-Identifier: Apache-2.0
#include "server/instrumentation.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "base/test_file_log.h"
#include "store/reports/test_receiver.h"

using namespace meerkat;
using namespace std::chrono_literals;

namespace {

constexpr metrics::Event rung{.name = "bell_rung",
                              .sentence = "Somebody rang.",
                              .labels = {},
                              .measurements = {{"count", metrics::Kind::spiral}}};

bool tells_the_last_minute(const Instrumentation& instrumentation) {
  return std::ranges::any_of(instrumentation.exometer().at(0).datapoints,
                             [](const auto& datapoint) { return datapoint.first == "one"; });
}

InstrumentationSettings statsd_at(std::uint16_t port, std::string prefix) {
  InstrumentationSettings settings;
  settings.exometer.emplace();
  settings.exometer->report.statsd = {
      {.host = "127.0.0.1", .port = port, .interval = 5ms, .prefix = std::move(prefix)}};
  return settings;
}

// What comes until somebody speaks of this; older datagrams may be under way.
bool hears(reports::TestReceiver& daemon, std::string_view begin) {
  for (int i = 0; i < 1000; ++i)
    if (daemon.datagram().starts_with(begin)) return true;
  return false;
}

}  // namespace

TEST_CASE("Prometheus and the last minute are there while they are wished") {
  metrics::Registry registry;
  Instrumentation instrumentation{registry};
  const metrics::Series bell{registry, rung, {}};
  CHECK_FALSE(instrumentation.prometheus_may_read());
  CHECK_FALSE(tells_the_last_minute(instrumentation));

  InstrumentationSettings settings;
  settings.prometheus.emplace();
  settings.exometer.emplace();
  instrumentation.change(settings);
  CHECK(instrumentation.prometheus_may_read());
  CHECK(tells_the_last_minute(instrumentation));

  instrumentation.change({});
  CHECK_FALSE(instrumentation.prometheus_may_read());
  CHECK_FALSE(tells_the_last_minute(instrumentation));
}

TEST_CASE("a server is told by the table that is there now, and no more when there is none") {
  metrics::Registry registry;
  Instrumentation instrumentation{registry};
  const metrics::Series bell{registry, rung, {}};
  bell.spiral("count").add(3);
  reports::TestReceiver daemon{SOCK_DGRAM};

  instrumentation.change(statsd_at(daemon.port(), "old"));
  CHECK(hears(daemon, "old.global.bell_rung.count.count:3|g"));
  instrumentation.change(statsd_at(daemon.port(), "new"));
  CHECK(hears(daemon, "new.global.bell_rung.count.count:3|g"));
  instrumentation.change({});
  instrumentation.stop();
}

TEST_CASE("events are logged while that is wished, at the level that is wished") {
  const FileLog log;
  set_log_level(LogLevel::info);
  metrics::Registry registry;
  Instrumentation instrumentation{registry};
  const metrics::Series bell{registry, rung, {}};
  InstrumentationSettings settings;
  settings.log.emplace(LogLevel::info);

  instrumentation.change(settings);
  bell.spiral("count").add();
  settings.log->level = LogLevel::debug;
  instrumentation.change(settings);
  bell.spiral("count").add();
  instrumentation.change({});
  bell.spiral("count").add();

  CHECK(log.count("bell_rung") == 1);
}
