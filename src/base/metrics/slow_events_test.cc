// SPDX-License-Identifier: Apache-2.0
#include "base/metrics/slow_events.h"

#include <doctest/doctest.h>

#include "base/metrics/counted.h"

using namespace meerkat;
using namespace std::chrono_literals;
using metrics::SlowEvent;
using metrics::SlowEvents;

namespace {

constexpr metrics::Event asked{.name = "mod_dog_rdbms",
                               .sentence = "A store was asked.",
                               .labels = {"function", "host_type"},
                               .measurements = {{"count", metrics::Kind::spiral}, {"time", metrics::Kind::histogram}}};

const WallTime noon = WallTime{} + std::chrono::years{56};

SlowEvent slow(WallTime when, std::chrono::nanoseconds took) {
  return {.when = when, .took = took, .what = "walk", .detail = {}, .host_type = {}};
}

}  // namespace

TEST_CASE("what is timed and takes long is remembered with its labels") {
  metrics::Registry registry;
  const metrics::Timed call{registry, asked, {"fetch", "localhost"}};

  call.add(20us);
  call.add(7ms);

  const auto longest = registry.slow_events().longest({}, 10);
  REQUIRE(longest.size() == 1);
  CHECK(longest[0].what == "mod_dog_rdbms");
  CHECK(longest[0].detail == "fetch");
  CHECK(longest[0].host_type == "localhost");
  CHECK(longest[0].took == 7ms);
}

TEST_CASE("of each minute the longest are kept, and what is shorter is not looked at any more") {
  SlowEvents events;
  for (int i = 1; i <= 50; ++i) events.note(slow(noon, i * 1ms));

  const auto longest = events.longest({}, 100);

  REQUIRE(longest.size() == SlowEvents::per_minute);
  CHECK(longest.front().took == 50ms);
  CHECK(longest.back().took == 31ms);
  CHECK_FALSE(events.is_worth(31ms));
  CHECK(events.is_worth(32ms));
}

TEST_CASE("a new minute begins to collect anew, and the oldest one is forgotten") {
  SlowEvents events;
  for (std::size_t i = 0; i < SlowEvents::per_minute; ++i) events.note(slow(noon, 1s));
  REQUIRE_FALSE(events.is_worth(900ms));

  events.time_passes(noon + 1min);

  CHECK(events.is_worth(2ms));
  events.note(slow(noon + 10min, 2ms));
  CHECK(events.longest({}, 100).size() == 1);
}

TEST_CASE("only what ended lately is told, as many as are wanted") {
  SlowEvents events;
  events.note(slow(noon, 9ms));
  events.note(slow(noon + 2min, 8ms));
  events.note(slow(noon + 2min, 7ms));

  CHECK(events.longest(noon + 1min, 10).size() == 2);
  CHECK(events.longest(noon + 1min, 1).front().took == 8ms);
}
