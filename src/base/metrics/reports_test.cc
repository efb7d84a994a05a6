// SPDX-License-Identifier: Apache-2.0
#include "base/metrics/reports.h"

#include <doctest/doctest.h>

#include <string>

using namespace meerkat;
using metrics::ExometerMetric;

namespace {

const std::vector<ExometerMetric> metrics_of_a_host{
    {{"example.org", "sm_session", "logins"}, {{"count", 5}, {"one", 1}}},
    {{"example.org", "sm_session", "count"}, {{"value", -2}}},
    {{"global", "mod_last_rdbms", "time"},
     {{"n", 1}, {"mean", 7}, {"min", 7}, {"50", 7}, {"75", 7}, {"90", 7}, {"95", 7}, {"999", 7}}}};

}  // namespace

TEST_CASE("Graphite gets a line for each datapoint that Exometer reports, with the time") {
  CHECK(metrics::graphite_lines(metrics_of_a_host, "", WallTime{std::chrono::seconds{1763800000}}) ==
        "example.org.sm_session.logins.count 5 1763800000\n"
        "example.org.sm_session.logins.one 1 1763800000\n"
        "example.org.sm_session.count.value -2 1763800000\n"
        "global.mod_last_rdbms.time.mean 7 1763800000\n"
        "global.mod_last_rdbms.time.min 7 1763800000\n"
        "global.mod_last_rdbms.time.95 7 1763800000\n"
        "global.mod_last_rdbms.time.999 7 1763800000\n");
}

TEST_CASE("a prefix stands before everything, and its dots are levels of their own") {
  const std::string lines =
      metrics::graphite_lines({metrics_of_a_host.data(), 1}, "key.node1.xmpp", WallTime{std::chrono::seconds{1}});

  CHECK(lines.starts_with("key.node1.xmpp.example.org.sm_session.logins.count 5 1\n"));
}

TEST_CASE("no name breaks out of its line, or out of its folder") {
  const std::vector<ExometerMetric> odd{{{"a host\n1 2", "../x", "c:1|g"}, {{"value", 1}}}};

  CHECK(metrics::graphite_lines(odd, "", WallTime{}) == "a_host_1_2..._x.c_1_g.value 1 0\n");
  CHECK(metrics::statsd_datagrams(odd, "", 1432) == std::vector<std::string>{"a_host_1_2..._x.c_1_g.value:1|g"});
}

TEST_CASE("StatsD gets gauges, many to a datagram, none of which is larger than it may be") {
  CHECK(metrics::statsd_datagrams(metrics_of_a_host, "xmpp", 1432).size() == 1);

  const auto datagrams = metrics::statsd_datagrams(metrics_of_a_host, "xmpp", 100);

  REQUIRE(datagrams.size() > 1);
  CHECK(datagrams.at(0) == "xmpp.example.org.sm_session.logins.count:5|g\nxmpp.example.org.sm_session.logins.one:1|g");
  for (const std::string& datagram : datagrams) CHECK(datagram.size() <= 100);
}

TEST_CASE("a gauge below 0 is set, and not changed by so much") {
  const std::vector<ExometerMetric> below{{{"global", "sm_session", "count"}, {{"value", -2}}}};

  CHECK(metrics::statsd_datagrams(below, "", 1432) ==
        std::vector<std::string>{"global.sm_session.count.value:0|g\nglobal.sm_session.count.value:-2|g"});
}
