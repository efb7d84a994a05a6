// SPDX-License-Identifier: Apache-2.0
#include "base/metrics/exometer.h"

#include <doctest/doctest.h>

#include <map>

using namespace meerkat;
using metrics::Kind;

namespace {

constexpr metrics::Event asked{.name = "mod_last_rdbms",
                               .sentence = "A module asked its store.",
                               .labels = {"function", "host_type"},
                               .measurements = {{"count", Kind::spiral}, {"time", Kind::histogram}}};
constexpr metrics::Event queued{.name = "wpool_global_queue_lengths",
                                .sentence = "Calls wait.",
                                .labels = {"pool_type", "pool_tag"},
                                .measurements = {{"total", Kind::gauge}}};

using Name = std::vector<std::string>;

metrics::Distribution distribution(std::initializer_list<std::uint64_t> values) {
  metrics::Distribution all;
  for (const std::uint64_t value : values) ++all.in_bucket[metrics::Histogram::bucket_of(value)];
  return all;
}

}  // namespace

TEST_CASE("Exometer has the host type first, then the event, the function and the metric") {
  metrics::Registry registry;
  const metrics::Series get{registry, asked, {"get_last", "our own host"}};
  get.spiral("count").add(5);

  const auto all = metrics::exometer_metrics(registry.read());

  REQUIRE(all.size() == 2);
  CHECK(all[0].name == Name{"our_own_host", "mod_last_rdbms", "get_last", "count"});
  CHECK(all[0].datapoints == decltype(all[0].datapoints){{"count", 5}});
  CHECK(all[1].name == Name{"our_own_host", "mod_last_rdbms", "get_last", "time"});
}

TEST_CASE("what belongs to no host type is global to Exometer, and everything is where operators want it so") {
  metrics::Registry registry;
  const metrics::Series of_nobody{registry, asked, {"get_last", ""}};
  const metrics::Series of_host{registry, asked, {"get_last", "localhost"}};
  const metrics::Series pool{registry, queued, {"rdbms", "default"}};
  pool.gauge("total").set(3);

  const auto all = metrics::exometer_metrics(registry.read());
  CHECK(all.at(0).name.front() == "global");
  CHECK(all.at(2).name.front() == "localhost");
  CHECK(all.at(4).name == Name{"global", "wpool_global_queue_lengths", "default", "rdbms", "total"});
  REQUIRE(all.at(4).datapoints.size() == 2);
  CHECK(all[4].datapoints[0] == std::pair{std::string_view{"value"}, std::int64_t{3}});
  CHECK(all[4].datapoints[1].first == "ms_since_reset");
  CHECK(all[4].datapoints[1].second >= 0);

  CHECK(metrics::exometer_metrics(registry.read(), {}, metrics::Prefix::global_only).at(2).name.front() == "global");
}

TEST_CASE("a line has a name and what is known of it, for those whose name has the part") {
  metrics::Registry registry;
  const metrics::Series get{registry, asked, {"get_last", "localhost"}};
  get.spiral("count").add(2);

  CHECK(metrics::exometer_text(metrics::exometer_metrics(registry.read()), "get_last, count") ==
        "[localhost, mod_last_rdbms, get_last, count] count=2\n");
}

TEST_CASE("a share of values is not above what the buckets say, and not below the bucket it is in") {
  CHECK(metrics::percentile(distribution({}), 0.5) == 0);
  CHECK(metrics::percentile(distribution({1}), 0.99) == 1);
  CHECK(metrics::percentile(distribution({1, 1, 1, 1000}), 0.5) == 1);
  const std::int64_t slowest = metrics::percentile(distribution({1, 1, 1, 1000}), 0.999);
  CHECK(slowest > 512);
  CHECK(slowest <= 1024);
  CHECK(metrics::percentile(distribution({1000}), 0) > 512);
}

namespace {

std::map<std::string_view, std::int64_t> datapoints_of(const std::vector<std::uint64_t>& values) {
  metrics::Registry registry;
  const metrics::Series get{registry, asked, {"get_last", "localhost"}};
  for (const std::uint64_t value : values) get.histogram("time").record(value);
  const auto all = metrics::exometer_metrics(registry.read());
  return {all.at(1).datapoints.begin(), all.at(1).datapoints.end()};
}

}  // namespace

TEST_CASE("the mean of a histogram lies between its least and its greatest value, and no percentile outside") {
  for (const auto& values : std::vector<std::vector<std::uint64_t>>{
           {5}, {5, 5}, {8, 8, 8}, {5, 8}, {1}, {0, 1}, {0, 0}, {3, 900, 17}, {1ULL << 40}, {1, 1ULL << 40}, {}}) {
    const auto told = datapoints_of(values);
    CAPTURE(values.size());
    CHECK(told.at("min") <= told.at("mean"));
    CHECK(told.at("mean") <= told.at("max"));
    for (const std::string_view percentile : {"median", "50", "75", "90", "95", "99", "999"}) {
      CHECK(told.at(percentile) >= told.at("min"));
      CHECK(told.at(percentile) <= told.at("max"));
    }
  }
}

TEST_CASE("one value alone is told as it is, and so are values that are all the same at an end of a bucket") {
  CHECK(datapoints_of({700}).at("max") == 700);
  CHECK(datapoints_of({700}).at("min") == 700);
  CHECK(datapoints_of({8, 8, 8}).at("min") == 8);
}

TEST_CASE("host types are added up where all metrics are global") {
  metrics::Registry registry;
  const metrics::Series one{registry, asked, {"get_last", "a"}};
  const metrics::Series other{registry, asked, {"get_last", "b"}};
  one.spiral("count").add(2);
  other.spiral("count").add(3);
  one.histogram("time").record(std::uint64_t{4});
  other.histogram("time").record(std::uint64_t{4});

  const auto all = metrics::exometer_metrics(registry.read(), {}, metrics::Prefix::global_only);

  REQUIRE(all.size() == 2);
  CHECK(all[0].name == Name{"global", "mod_last_rdbms", "get_last", "count"});
  CHECK(all[0].datapoints == decltype(all[0].datapoints){{"count", 5}});
  CHECK(all[1].datapoints.at(0) == std::pair{std::string_view{"n"}, std::int64_t{2}});
}
