// SPDX-License-Identifier: Apache-2.0
#include "base/metrics/prometheus.h"

#include <doctest/doctest.h>

#include <initializer_list>
#include <string>

using namespace meerkat;
using metrics::Kind;

namespace {

constexpr metrics::Event asked{.name = "mod_private_rdbms",
                               .sentence = "A module asked its store.",
                               .labels = {"host_type", "function"},
                               .measurements = {{"count", Kind::spiral}, {"time", Kind::histogram}}};
constexpr metrics::Event held{.name = "sm_session",
                              .sentence = "Sessions.",
                              .labels = {},
                              .measurements = {{"count", Kind::counter}, {"seats", Kind::gauge}}};

std::string text_of(const metrics::Registry& registry, std::string_view part = {}) {
  return metrics::prometheus_text(registry.read(), part);
}
bool has(const std::string& text, const std::string& line) {
  return ("\n" + text).find("\n" + line + "\n") != std::string::npos;
}

}  // namespace

TEST_CASE("Prometheus is told of counters from the start, and of gauges and histograms when they have a value") {
  metrics::Registry registry;
  const metrics::Series get{registry, asked, {"localhost", "multi_get_data"}};
  const metrics::Series sessions{registry, held, {}};
  sessions.counter("count").add(-3);

  CHECK(text_of(registry) ==
        "# TYPE mod_private_rdbms_count counter\n"
        "# HELP mod_private_rdbms_count Event: mod_private_rdbms, Metric: count\n"
        "mod_private_rdbms_count{function=\"multi_get_data\",host_type=\"localhost\"} 0\n"
        "# TYPE sm_session_count gauge\n"
        "# HELP sm_session_count Event: sm_session, Metric: count\n"
        "sm_session_count -3\n");

  sessions.gauge("seats").set(0);
  get.histogram("time").record(std::uint64_t{1});
  CHECK(has(text_of(registry), "# TYPE sm_session_seats gauge"));
  CHECK(has(text_of(registry), "sm_session_seats 0"));
  CHECK(has(text_of(registry), "# TYPE mod_private_rdbms_time histogram"));
}

TEST_CASE("each bucket has what is in those below as well, and the last one everything") {
  metrics::Registry registry;
  const metrics::Series get{registry, asked, {"localhost", "get"}};
  for (const std::uint64_t value : {1ULL, 3ULL, 4ULL, 1ULL << 40}) get.histogram("time").record(value);

  const std::string text = text_of(registry);

  const std::string labels = "function=\"get\",host_type=\"localhost\"";
  const auto line = [&](const std::string& limit, const std::string& count) {
    return "mod_private_rdbms_time_bucket{" + labels + ",le=\"" + limit + "\"} " + count;
  };
  CHECK(has(text, line("1", "1")));
  CHECK(has(text, line("2", "1")));
  CHECK(has(text, line("4", "3")));
  CHECK(has(text, line("1073741824", "3")));
  CHECK(has(text, line("+Inf", "4")));
  CHECK(has(text, "mod_private_rdbms_time_sum{" + labels + "} 1099511627784"));
  CHECK(has(text, "mod_private_rdbms_time_count{" + labels + "} 4"));
}

TEST_CASE("all series of a metric stand behind one headline") {
  metrics::Registry registry;
  const metrics::Series one{registry, asked, {"a", "get"}};
  const metrics::Series two{registry, asked, {"b", "get"}};

  const std::string text = text_of(registry);

  CHECK(text.find("# TYPE") == text.rfind("# TYPE"));
  CHECK(has(text, "mod_private_rdbms_count{function=\"get\",host_type=\"a\"} 0"));
  CHECK(has(text, "mod_private_rdbms_count{function=\"get\",host_type=\"b\"} 0"));
}

TEST_CASE("values of labels cannot break out of their line") {
  metrics::Registry registry;
  const metrics::Series one{registry, asked, {"a\"} 1\nb\\", "get"}};

  CHECK(has(text_of(registry), R"(mod_private_rdbms_count{function="get",host_type="a\"} 1\nb\\"} 0)"));
}

TEST_CASE("who looks for a part of a name gets no others") {
  metrics::Registry registry;
  const metrics::Series get{registry, asked, {"localhost", "get"}};
  const metrics::Series sessions{registry, held, {}};

  CHECK(has(text_of(registry, "private"), "# TYPE mod_private_rdbms_count counter"));
  CHECK(text_of(registry, "private").find("sm_session") == std::string::npos);
  CHECK(text_of(registry, "nothing").empty());
}

TEST_CASE("OpenMetrics has families by the same names, and counters whose samples end in _total") {
  metrics::Registry registry;
  const metrics::Series get{registry, asked, {"localhost", "get"}};
  const metrics::Series sessions{registry, held, {}};
  get.histogram("time").record(std::uint64_t{1});

  const std::string text = metrics::prometheus_text(registry.read(), {}, metrics::Exposition::open_metrics);

  CHECK(has(text, "# TYPE mod_private_rdbms_count counter"));
  CHECK(has(text, R"(mod_private_rdbms_count_total{function="get",host_type="localhost"} 0)"));
  CHECK(has(text, "# TYPE sm_session_count gauge"));
  CHECK(has(text, "sm_session_count 0"));
  CHECK(has(text, R"(mod_private_rdbms_time_count{function="get",host_type="localhost"} 1)"));
}

TEST_CASE("the process is told of by the names that every exporter has, and a total is no total twice") {
  const metrics::ProcessFacts process{.cpu_seconds = 1.25, .open_descriptors = 12, .most_descriptors = 1024};

  const std::string text = metrics::process_text(process);
  const std::string open_metrics = metrics::process_text(process, {}, metrics::Exposition::open_metrics);

  CHECK(has(text, "# TYPE process_cpu_seconds_total counter"));
  CHECK(has(text, "process_cpu_seconds_total 1.25"));
  CHECK(has(text, "process_open_fds 12"));
  CHECK(has(open_metrics, "# TYPE process_cpu_seconds counter"));
  CHECK(has(open_metrics, "process_cpu_seconds_total 1.25"));
}

TEST_CASE("what the kernel tells of this process is possible") {
  const metrics::ProcessFacts process = metrics::process_facts();

  CHECK(process.resident_bytes > 0);
  CHECK(process.resident_bytes <= process.virtual_bytes);
  CHECK(process.anonymous_bytes <= process.resident_bytes);
  CHECK(process.open_descriptors >= 3);
  CHECK(process.open_descriptors <= process.most_descriptors);
  CHECK(process.threads >= 1);
  CHECK(process.began > 1.7e9);
  CHECK(process.cpu_seconds >= 0);
}
