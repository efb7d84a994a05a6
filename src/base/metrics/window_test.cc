// SPDX-License-Identifier: Apache-2.0
#include "base/metrics/window.h"

#include <doctest/doctest.h>

#include <optional>

#include "base/metrics/exometer.h"

using namespace meerkat;
using namespace std::chrono_literals;
using metrics::Kind;

namespace {

constexpr metrics::Event tried{
    .name = "door_tried",
    .sentence = "Somebody tried a door.",
    .labels = {"host_type"},
    .measurements = {{"count", Kind::spiral}, {"time", Kind::histogram}, {"inside", Kind::counter}}};

class Door {
 public:
  void pass(std::uint64_t times = 1) const {
    series.spiral("count").add(times);
    series.histogram("time").record(times);
    series.counter("inside").add(1);
  }
  // As time passes somebody looks every five seconds.
  void wait(std::chrono::seconds time) {
    for (const SteadyTime end = clock.steady() + time; clock.steady() < end;) {
      clock.advance(metrics::Window::between_looks);
      window.look(clock.steady());
    }
  }
  std::int64_t one() {
    const auto reading = window.read(clock.steady());
    return std::get<std::int64_t>(reading.recent.at(0).readings.at(0));
  }
  metrics::Distribution times() {
    const auto reading = window.read(clock.steady());
    return std::get<metrics::Distribution>(reading.recent.at(0).readings.at(1));
  }

  metrics::Registry registry;
  metrics::Series series{registry, tried, {"house"}};
  TurnableClock clock;
  metrics::Window window{registry, clock.steady()};
};

}  // namespace

TEST_CASE("what happened in the last minute is told apart from what happened before") {
  Door door;
  door.pass(5);
  door.wait(30s);
  CHECK(door.one() == 5);
  door.pass(2);
  CHECK(door.one() == 7);

  door.wait(40s);
  CHECK(door.one() == 2);
  CHECK(door.times().count() == 1);
  CHECK(door.times().sum == 2);

  door.wait(60s);
  CHECK(door.one() == 0);
  CHECK(door.times().count() == 0);
  CHECK(std::get<std::int64_t>(door.window.read(door.clock.steady()).now.at(0).readings.at(0)) == 7);
}

TEST_CASE("what was counted before the first look is not of the last minute") {
  metrics::Registry registry;
  const metrics::Series series{registry, tried, {"house"}};
  series.spiral("count").add(9);
  const TurnableClock clock;

  metrics::Window window{registry, clock.steady()};

  CHECK(std::get<std::int64_t>(window.read(clock.steady()).recent.at(0).readings.at(0)) == 0);
}

TEST_CASE("a series that is new belongs to the last minute as a whole, also when it began between two looks") {
  Door door;
  door.wait(100s);
  const metrics::Series other{door.registry, tried, {"barn"}};
  other.spiral("count").add(3);
  const auto of_barn = [&] {
    return std::get<std::int64_t>(door.window.read(door.clock.steady()).recent.at(0).readings.at(0));
  };

  CHECK(of_barn() == 3);
  door.wait(5s);
  CHECK(of_barn() == 3);
  door.wait(65s);
  CHECK(of_barn() == 0);
}

TEST_CASE("a series that begins anew at 0 takes nothing of its former life along") {
  Door door;
  door.pass(5);
  door.wait(10s);
  {
    const metrics::Series gone = std::move(door.series);
  }
  door.series = metrics::Series{door.registry, tried, {"house"}};
  door.pass(1);

  CHECK(door.one() == 1);
}

TEST_CASE("a spiral tells Exometer what came in the last minute, a histogram only that, a counter what there is") {
  Door door;
  door.pass(5);
  door.wait(70s);
  door.pass(3);

  const auto reading = door.window.read(door.clock.steady());
  const auto all = metrics::exometer_metrics(reading.now, reading.recent);

  using Datapoints = decltype(metrics::ExometerMetric::datapoints);
  CHECK(all.at(0).datapoints == Datapoints{{"count", 8}, {"one", 3}});
  CHECK(all.at(1).datapoints.at(0) == std::pair{std::string_view{"n"}, std::int64_t{1}});
  CHECK(all.at(1).datapoints.at(1) == std::pair{std::string_view{"mean"}, std::int64_t{3}});
  CHECK(all.at(2).datapoints == Datapoints{{"value", 2}});
}
