// SPDX-License-Identifier: Apache-2.0
#include "services/system_metrics/options.h"

#include <algorithm>

#include "store/http/message.h"

namespace meerkat {
namespace {

using namespace config;

constexpr std::string_view new_tracking_id =
    "the ids that began with UA- were of Universal Analytics, which has ended — write tracking_id = {id = "
    "\"G-12345678\", secret = \"…\"} with the measurement id and the API secret of a data stream of Google Analytics 4";

bool is_of_today(std::string_view id) { return !id.starts_with("UA-"); }

bool is_this_machine(std::string_view name) { return name == "localhost" || name.starts_with("127.") || name == "::1"; }

void warn_of_open_secret(const SystemMetricsOptions& options, Checker& checker) {
  const auto endpoint = read_endpoint(options.endpoint);
  const auto origin = endpoint ? http::read_origin(endpoint->host) : std::nullopt;
  if (options.tracking_id && origin && !origin->tls && !is_this_machine(origin->name))
    checker.warn("endpoint", "begins with \"http:\", so everybody on the way can read the secret — write \"https:\"");
}

Section<TrackingId> tracking_id_section() {
  using T = TrackingId;
  return Section<T>{"services.service_mongoose_system_metrics.tracking_id",
                    "Where reports belong at the endpoint. Without this table nothing is sent to anybody."}
      .option("id", &T::id, "The measurement id of a data stream of Google Analytics 4.", mandatory, non_empty,
              must_be("the measurement id of Google Analytics 4; ids that begin with UA- were of Universal Analytics, "
                      "which has ended",
                      is_of_today),
              example("\"G-12345678\""))
      .option("secret", &T::secret, "The API secret of that data stream.", mandatory, non_empty, secret,
              example("\"secret\""));
}

}  // namespace

Section<SystemMetricsOptions> system_metrics_section() {
  using O = SystemMetricsOptions;
  using std::chrono::milliseconds;
  return Section<O>{
      "services.service_mongoose_system_metrics",
      "Reports now and then what kind of server this is: numbers, names of modules, versions, and nothing "
      "about users. The report is written to system_metrics_report.json beside the log or into the data "
      "directory, and sent only where tracking_id says."}
      .option("report", &O::report,
              "`true`: reports, and the log says nothing of it. `false`: nothing is gathered. When it is not written, "
              "it reports, and each start writes one line about it into the log.",
              example("false"))
      .option("initial_report", &O::initial_report, "How long after the start the first report is made.",
              at_least(milliseconds{0}))
      .option("periodic_report", &O::periodic_report, "How long after that the next one is made, and so on.",
              at_least(milliseconds{100}))
      .section("tracking_id", &O::tracking_id, tracking_id_section(), was_a_value(new_tracking_id))
      .option("endpoint", &O::endpoint,
              "Who gets the reports: a service that takes Google Analytics' measurement protocol (GA4).",
              must_be("\"http[s]://name[:port]/path\" without a query",
                      [](std::string_view text) { return read_endpoint(text).has_value(); }))
      .option("pool", &O::pool,
              "The tag of a pool below [outgoing_pools.http] to send them over, which has to lead to the endpoint: for "
              "an authority of your own, or other times. Without it each report has a connection of its own, with the "
              "authorities that the system trusts.",
              non_empty, example("\"reports\""))
      .refused("intial_report", "is spelled initial_report — write initial_report = 300000")
      .refused("no_report", "was an option of MongooseIM 3.6 — write report = false")
      .refused("google_analytics_url", "is called endpoint here — write endpoint = \"https://…\"")
      .check(warn_of_open_secret);
}

std::optional<Endpoint> read_endpoint(std::string_view url) {
  const auto scheme = url.find("://");
  if (scheme == std::string_view::npos) return std::nullopt;
  const auto slash = std::min(url.find('/', scheme + 3), url.size());
  Endpoint endpoint{.host = std::string{url.substr(0, slash)}, .path = std::string{url.substr(slash)}};
  if (endpoint.path.empty()) endpoint.path = "/";
  const bool is_good = http::read_origin(endpoint.host) && http::is_path(endpoint.path) && !endpoint.path.contains('?');
  return is_good ? std::optional{std::move(endpoint)} : std::nullopt;
}

std::optional<std::string> path_in_pool(const Endpoint& endpoint, const http::Connection& pool) {
  const auto wanted = http::read_origin(endpoint.host);
  const auto there = http::read_origin(pool.host);
  const bool is_same = wanted && there && wanted->tls == there->tls && wanted->authority() == there->authority();
  if (!is_same || !endpoint.path.starts_with(pool.path_prefix)) return std::nullopt;
  return endpoint.path.substr(pool.path_prefix.size());
}

}  // namespace meerkat
