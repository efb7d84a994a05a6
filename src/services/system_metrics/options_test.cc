// SPDX-License-Identifier: Apache-2.0
#include "services/system_metrics/options.h"

#include <doctest/doctest.h>

#include "config/toml_reader.h"

using namespace meerkat;

namespace {

struct Reply {
  SystemMetricsOptions options;
  std::string report;
};

Reply read(std::string_view toml) {
  config::Problems problems;
  const auto table = config::read_toml(toml, "meerkat.toml", problems);
  if (!table) return {{}, problems.report()};
  Reply reply{system_metrics_section().read(&*table, problems), {}};
  reply.report = problems.report();
  return reply;
}

bool contains(std::string_view text, std::string_view part) { return text.contains(part); }

}  // namespace

TEST_CASE("without options, a report is due after five minutes and then every three hours, and goes to nobody") {
  const SystemMetricsOptions options = read("").options;

  CHECK(options.initial_report == std::chrono::minutes{5});
  CHECK(options.periodic_report == std::chrono::hours{3});
  CHECK(options.is_on());
  CHECK_FALSE(options.report.has_value());
  CHECK_FALSE(options.tracking_id.has_value());
  CHECK(options.endpoint == "https://www.google-analytics.com/mp/collect");
}

TEST_CASE("reports can be wanted with and without a word about them, or not at all") {
  CHECK(read("report = true").options.report == true);
  CHECK(read("report = true").options.is_on());
  CHECK(read("report = false").options.report == false);
  CHECK_FALSE(read("report = false").options.is_on());
}

TEST_CASE("a tracking id has an id and a secret, and both say something") {
  const Reply good = read("tracking_id = {id = \"G-12345678\", secret = \"abc\"}");
  CHECK(good.report.empty());
  CHECK(good.options.tracking_id == TrackingId{.id = "G-12345678", .secret = "abc"});

  CHECK(contains(read("tracking_id = {id = \"G-1\"}").report, "tracking_id.secret: must be given"));
  CHECK(contains(read("tracking_id = {secret = \"s\"}").report, "tracking_id.id: must be given"));
  CHECK(contains(read("tracking_id = {id = \"\", secret = \"s\"}").report, "tracking_id.id: must not be empty"));
  CHECK(contains(read("tracking_id = {id = \"G-1\", secret = \"\"}").report, "tracking_id.secret: must not be empty"));
}

TEST_CASE("what older versions wrote is answered with what to write now") {
  const std::string was_text = read("tracking_id = \"UA-123-4\"").report;
  CHECK(contains(was_text, "meerkat.toml:1:"));
  CHECK(contains(was_text, "expected a table, found a string"));
  CHECK(contains(was_text, "write tracking_id = {id = \"G-12345678\", secret = "));
  CHECK(contains(read("tracking_id = {id = \"UA-123-4\", secret = \"s\"}").report, "Universal Analytics"));
  CHECK(contains(read("intial_report = 5").report, "meerkat.toml:1:1: "));
  CHECK(contains(read("intial_report = 5").report, "write initial_report = 300000"));
  CHECK(contains(read("no_report = true").report, "write report = false"));
  CHECK(contains(read("google_analytics_url = \"https://x\"").report, "write endpoint = "));
}

TEST_CASE("times that would make it report without pause are refused") {
  CHECK(read("initial_report = 0\nperiodic_report = 100").report.empty());
  CHECK(contains(read("initial_report = -1").report, "initial_report: "));
  CHECK(contains(read("periodic_report = 99").report, "periodic_report: must be at least \"100ms\", found 99"));
}

TEST_CASE("an endpoint is a web address without a query") {
  const auto endpoint = read_endpoint("https://collector.example:8443/mp/collect");
  REQUIRE(endpoint);
  CHECK(endpoint->host == "https://collector.example:8443");
  CHECK(endpoint->path == "/mp/collect");
  CHECK(read_endpoint("http://[::1]:80")->path == "/");

  for (const std::string_view bad : {"", "collector.example", "ftp://collector.example/", "https://", "https:///path",
                                     "https://collector.example/a?b=c", "https://collector.example/a b"})
    CHECK_MESSAGE(!read_endpoint(bad), bad);
}

TEST_CASE("a secret that would go over the network for everybody to read is warned of, on this machine it is not") {
  constexpr std::string_view id = "tracking_id = {id = \"G-1\", secret = \"s\"}\nendpoint = ";
  CHECK(contains(read(std::string{id} + "\"http://collector.example/\"").report, "can read the secret"));
  CHECK(read(std::string{id} + "\"https://collector.example/\"").report.empty());
  CHECK(read(std::string{id} + "\"http://127.0.0.1:8080/\"").report.empty());
}

TEST_CASE("a pool leads to the endpoint when it is the same service, and the endpoint lies below its path") {
  const Endpoint endpoint = *read_endpoint("https://collector.example/mp/collect");
  const auto path_in = [&](std::string host, std::string prefix) {
    return path_in_pool(endpoint, {.host = std::move(host), .path_prefix = std::move(prefix)});
  };

  CHECK(path_in("https://collector.example", "/") == "mp/collect");
  CHECK(path_in("https://collector.example:443", "/mp/") == "collect");
  CHECK_FALSE(path_in("https://collector.example:8443", "/"));
  CHECK_FALSE(path_in("http://collector.example", "/"));
  CHECK_FALSE(path_in("https://collector.example", "/other"));
}
