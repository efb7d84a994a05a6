// SPDX-License-Identifier: Apache-2.0
#include "admin/bench/latency.h"

#include <doctest/doctest.h>

using namespace meerkat::bench;
using namespace std::chrono_literals;

TEST_CASE("percentiles of a uniform run are right to two in a hundred") {
  Latency latency;
  for (int i = 1; i <= 100'000; ++i) latency.add(std::chrono::microseconds{i});

  for (const double share : {0.01, 0.5, 0.9, 0.99, 0.999}) {
    const double exact = share * 1e8;
    const auto told = static_cast<double>(latency.percentile(share).count());
    CHECK(told >= exact);
    CHECK(told <= exact * 1.017);
  }
  CHECK(latency.max() == 100ms);
  CHECK(latency.percentile(1) == 100ms);
}

TEST_CASE("an empty histogram has no latency, and one value is every percentile") {
  Latency latency;
  CHECK(latency.percentile(0.99) == 0ns);

  latency.add(1234567ns);

  CHECK(latency.percentile(0) == 1234567ns);
  CHECK(latency.percentile(0.5) == 1234567ns);
  CHECK(latency.max() == 1234567ns);
}

TEST_CASE("no time is too short or too long to be counted") {
  Latency latency;
  latency.add(-5ns);
  latency.add(0ns);
  latency.add(63ns);
  latency.add(64ns);
  latency.add(127ns);
  latency.add(128ns);
  latency.add(100h);

  CHECK(latency.count() == 7);
  CHECK(latency.max() == 100h);
  CHECK(latency.percentile(0.2) == 0ns);
}

TEST_CASE("histograms of several threads add up") {
  Latency one, other;
  for (int i = 0; i < 90; ++i) one.add(1ms);
  for (int i = 0; i < 10; ++i) other.add(20ms);

  one.add(other);

  CHECK(one.count() == 100);
  CHECK(one.percentile(0.9) < 1017us);
  CHECK(one.percentile(0.91) == 20ms);
}
