// SPDX-License-Identifier: Apache-2.0
#include "store/reports/report_options.h"

#include <cstdlib>
#include <initializer_list>
#include <string_view>

#include <fmt/format.h>

#include "base/log.h"

namespace meerkat::reports {
namespace {

constexpr std::string_view interval_sentence = "How often it is told everything.";
constexpr std::string_view prefix_sentence = "What stands before every name; its dots make levels of their own.";
constexpr std::string_view env_prefix_sentence =
    "The name of an environment variable whose value stands before the prefix, such as one with the name of the node.";

std::string joined(std::initializer_list<std::string_view> parts) {
  std::string all;
  for (const std::string_view part : parts) {
    if (part.empty()) continue;
    if (!all.empty()) all += '.';
    all += part;
  }
  return all;
}

std::string value_of(const std::string& variable) {
  if (variable.empty()) return {};
  const char* const value = std::getenv(variable.c_str());  // nobody sets one while the server runs
  if (value == nullptr)
    log_warning("env_prefix_is_not_set", {{"variable", variable}, {"now", "names begin without it"}});
  return value == nullptr ? "" : value;
}

}  // namespace

config::Section<GraphiteOptions> graphite_section() {
  using namespace config;
  using S = GraphiteOptions;
  return Section<S>{"instrumentation.exometer.report.graphite",
                    "A Graphite server (carbon, plaintext protocol over TCP) that is told all metrics."}
      .option("host", &S::host, "Its name or address.", mandatory, non_empty, example("\"graphite.example.org\""))
      .option("port", &S::port, "Its port for the plaintext protocol.", at_least(1))
      .option("interval", &S::interval, interval_sentence, at_least(1), at_most(86'400'000))
      .option("connect_timeout", &S::connect_timeout, "How long connecting may take.", at_least(1), at_most(3'600'000))
      .option("api_key", &S::api_key, "The key of a hosted Graphite; it stands before everything else.", secret,
              example("\"267d121c-8387-459a-9326-000000000000\""))
      .option("prefix", &S::prefix, prefix_sentence, example("\"xmpp\""))
      .option("env_prefix", &S::env_prefix, env_prefix_sentence, example("\"NODE_NAME\""));
}

config::Section<StatsdOptions> statsd_section() {
  using namespace config;
  using S = StatsdOptions;
  return Section<S>{"instrumentation.exometer.report.statsd",
                    "A StatsD server (UDP) that is told all metrics as gauges."}
      .option("host", &S::host, "Its name or address.", mandatory, non_empty, example("\"127.0.0.1\""))
      .option("port", &S::port, "Its port.", at_least(1))
      .option("interval", &S::interval, interval_sentence, at_least(1), at_most(86'400'000))
      .option("prefix", &S::prefix, prefix_sentence, example("\"xmpp\""))
      .option("env_prefix", &S::env_prefix, env_prefix_sentence, example("\"NODE_NAME\""));
}

std::string name_of(const GraphiteOptions& options) {
  return fmt::format("graphite:{}:{}", options.host, options.port);
}
std::string name_of(const StatsdOptions& options) { return fmt::format("statsd:{}:{}", options.host, options.port); }

std::string prefix_of(const GraphiteOptions& options) {
  return joined({options.api_key, value_of(options.env_prefix), options.prefix});
}
std::string prefix_of(const StatsdOptions& options) { return joined({value_of(options.env_prefix), options.prefix}); }

}  // namespace meerkat::reports
