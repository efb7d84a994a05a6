// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <atomic>
#include <limits>
#include <optional>
#include <thread>
#include <vector>

#include "base/metrics/registry.h"

using namespace meerkat;
using metrics::Kind;

namespace {

constexpr metrics::Event tried{
    .name = "door_tried",
    .sentence = "Somebody tried a door.",
    .labels = {"host_type", "door"},
    .measurements = {
        {"count", Kind::spiral}, {"inside", Kind::counter}, {"time", Kind::histogram}, {"width", Kind::gauge}}};

// Three cells: doors that were opened, doors that were shut, centimetres.
void unpack(std::span<const std::uint64_t> packed, std::span<std::uint64_t> measured) {
  measured[0] = packed[0] + packed[1];
  measured[1] = packed[0];
  measured[2 + metrics::Histogram::buckets] = packed[2];
}
constexpr metrics::Event moved{
    .name = "door_moved",
    .sentence = "A door was opened or shut.",
    .labels = {"host_type"},
    .measurements = {{"count", Kind::spiral}, {"opened", Kind::spiral}, {"way", Kind::histogram}},
    .packing = {3, &unpack}};

std::int64_t number(const metrics::SeriesReading& series, std::size_t measurement) {
  return std::get<std::int64_t>(series.readings.at(measurement));
}
metrics::Distribution distribution(const metrics::SeriesReading& series, std::size_t measurement) {
  return std::get<metrics::Distribution>(series.readings.at(measurement));
}

}  // namespace

TEST_CASE("what is counted under labels is read under them, and nothing else") {
  metrics::Registry registry;
  const metrics::Series front{registry, tried, {"house", "front"}};
  const metrics::Series back{registry, tried, {"house", "back"}};

  front.spiral("count").add();
  front.spiral("count").add(4);
  back.counter("inside").add(3);
  back.counter("inside").add(-5);
  back.histogram("time").record(std::chrono::microseconds{1000});

  const auto all = registry.read();
  REQUIRE(all.size() == 2);
  CHECK(all[0].event.name == "door_tried");
  CHECK(all[0].labels == std::vector<std::string>{"house", "back"});
  CHECK(number(all[0], 0) == 0);
  CHECK(number(all[0], 1) == -2);
  CHECK(distribution(all[0], 2).in_bucket[10] == 1);
  CHECK(distribution(all[0], 2).sum == 1000);
  CHECK(all[1].labels == std::vector<std::string>{"house", "front"});
  CHECK(number(all[1], 0) == 5);
  CHECK(number(all[1], 1) == 0);
  CHECK(distribution(all[1], 2).count() == 0);
}

TEST_CASE("an event that is packed is read as what its cells stand for, from 0 on each time") {
  metrics::Registry registry;
  std::optional<metrics::Series> doors{{registry, moved, {"house"}}};

  const metrics::PackedCells cells = doors->packed();
  cells.add<2>({{{0, 1}, {2, 90}}});
  cells.add<2>({{{1, 1}, {2, 80}}});
  std::thread{[&] { cells.add<1>({{{0, 1}}}); }}.join();

  const auto read = registry.read().at(0);
  CHECK(number(read, 0) == 3);
  CHECK(number(read, 1) == 2);
  CHECK(distribution(read, 2).sum == 170);
  doors.reset();
  doors.emplace(registry, moved, std::initializer_list<std::string_view>{"house"});
  CHECK(number(registry.read().at(0), 0) == 0);
}

TEST_CASE("a gauge has no value until it is set, and the last one then") {
  metrics::Registry registry;
  const metrics::Series front{registry, tried, {"house", "front"}};
  CHECK(std::holds_alternative<std::monostate>(registry.read().at(0).readings.at(3)));

  front.gauge("width").set(90);
  front.gauge("width").set(-80);

  CHECK(number(registry.read().at(0), 3) == -80);
}

TEST_CASE("the limits of buckets are the powers of two up to 2^30, and belong to what they limit") {
  using metrics::Histogram;
  CHECK(Histogram::bucket_of(0) == 0);
  CHECK(Histogram::bucket_of(1) == 0);
  CHECK(Histogram::bucket_of(2) == 1);
  CHECK(Histogram::bucket_of(3) == 2);
  CHECK(Histogram::bucket_of(4) == 2);
  CHECK(Histogram::bucket_of(5) == 3);
  CHECK(Histogram::bucket_of(std::uint64_t{1} << 30) == 30);
  CHECK(Histogram::bucket_of((std::uint64_t{1} << 30) + 1) == 31);
  CHECK(Histogram::bucket_of(std::numeric_limits<std::uint64_t>::max()) == 31);
}

TEST_CASE("a time that runs backwards counts as none") {
  metrics::Registry registry;
  const metrics::Series front{registry, tried, {"house", "front"}};

  front.histogram("time").record(std::chrono::nanoseconds{-5});

  CHECK(distribution(registry.read().at(0), 2).in_bucket[0] == 1);
  CHECK(distribution(registry.read().at(0), 2).sum == 0);
}

TEST_CASE("all who bind the same labels count together, and it is there as long as one of them is") {
  metrics::Registry registry;
  std::optional<metrics::Series> one{{registry, tried, {"house", "front"}}};
  std::optional<metrics::Series> other{{registry, tried, {"house", "front"}}};
  one->spiral("count").add();
  other->spiral("count").add();
  CHECK(number(registry.read().at(0), 0) == 2);

  one.reset();
  CHECK(number(registry.read().at(0), 0) == 2);
  other.reset();

  CHECK(registry.read().empty());
}

TEST_CASE("what is bound anew begins at 0, also when somebody still counted in between") {
  metrics::Registry registry;
  std::optional<metrics::Series> first{{registry, tried, {"house", "front"}}};
  const metrics::Spiral late = first->spiral("count");
  const metrics::Histogram times = first->histogram("time");
  first->gauge("width").set(1);
  late.add(7);
  first.reset();
  late.add(1);
  times.record(std::uint64_t{9});

  const metrics::Series second{registry, tried, {"house", "front"}};

  CHECK(number(registry.read().at(0), 0) == 0);
  CHECK(distribution(registry.read().at(0), 2).count() == 0);
  CHECK(distribution(registry.read().at(0), 2).sum == 0);
  CHECK(std::holds_alternative<std::monostate>(registry.read().at(0).readings.at(3)));
  second.spiral("count").add();
  CHECK(number(registry.read().at(0), 0) == 1);
}

TEST_CASE("nothing is told of a host type that went away, and it begins at 0 when it comes back") {
  metrics::Registry registry;
  const metrics::Series house{registry, tried, {"house", "front"}};
  const metrics::Series hut{registry, tried, {"hut", "front"}};
  const metrics::Series outside{registry, tried, {"", "gate"}};
  for (const metrics::Series* const each : {&house, &hut, &outside}) each->spiral("count").add(2);

  registry.host_types_are({"house"});
  const auto without_hut = registry.read();
  registry.host_types_are({"house", "hut"});
  const auto with_hut = registry.read();

  REQUIRE(without_hut.size() == 2);
  CHECK(without_hut[0].labels.front().empty());
  CHECK(number(without_hut[1], 0) == 2);
  REQUIRE(with_hut.size() == 3);
  CHECK(number(with_hut[1], 0) == 2);
  CHECK(with_hut[2].labels.front() == "hut");
  CHECK(number(with_hut[2], 0) == 0);
}

TEST_CASE("an event whose name was made up outlives the text it was made of") {
  metrics::Registry registry;
  std::string name = "mod_private_rdbms";
  metrics::Event event = tried;
  event.name = name;
  const metrics::Series series{registry, event, {"house", "front"}};
  name.assign(17, 'x');

  CHECK(registry.read().at(0).event.name == "mod_private_rdbms");
}

TEST_CASE("a probe looks whenever somebody reads, until it is gone") {
  metrics::Registry registry;
  const metrics::Series front{registry, tried, {"house", "front"}};
  int looks = 0;
  {
    const metrics::Probe probe{registry, [&] { front.gauge("width").set(++looks); }};
    CHECK(number(registry.read().at(0), 3) == 1);
    CHECK(number(registry.read().at(0), 3) == 2);
  }

  CHECK(number(registry.read().at(0), 3) == 2);
}

TEST_CASE("threads that come and go while others read lose nothing of what they counted") {
  constexpr std::size_t rounds = 5;
  constexpr std::size_t at_once = 4;
  constexpr std::uint64_t times = 20'000;
  metrics::Registry registry;
  const metrics::Series front{registry, tried, {"house", "front"}};
  const metrics::Spiral count = front.spiral("count");
  const metrics::Histogram time = front.histogram("time");
  std::atomic<bool> done{false};
  std::jthread reader{[&] {
    std::int64_t before = 0;
    while (!done) {
      const std::int64_t now = number(registry.read().back(), 0);
      CHECK(now >= before);
      before = now;
    }
  }};

  for (std::size_t round = 0; round < rounds; ++round) {
    std::vector<std::jthread> threads;
    threads.reserve(at_once);
    for (std::size_t i = 0; i < at_once; ++i)
      threads.emplace_back([&, i] {
        // Bound while others count: pages are made for what is new. Digits come before "front".
        const std::string door = std::to_string(round) + "/" + std::to_string(i);
        const metrics::Series own{registry, tried, {"house", door}};
        for (std::uint64_t n = 0; n < times; ++n) {
          count.add();
          time.record(n);
          own.spiral("count").add();
        }
      });
  }
  done = true;
  reader.join();

  const auto all = registry.read();
  REQUIRE(all.size() == 1);
  CHECK(number(all[0], 0) == rounds * at_once * times);
  CHECK(distribution(all[0], 2).count() == rounds * at_once * times);
  CHECK(distribution(all[0], 2).sum == rounds * at_once * (times * (times - 1) / 2));
}

TEST_CASE("more threads than have numbers count as well") {
  metrics::Registry registry;
  const metrics::Series front{registry, tried, {"house", "front"}};
  const metrics::Spiral count = front.spiral("count");
  std::atomic<bool> may_end{false};
  constexpr std::size_t many = metrics::most_threads + 20;
  {
    std::vector<std::jthread> threads;
    threads.reserve(many);
    std::atomic<std::size_t> counted{0};
    for (std::size_t i = 0; i < many; ++i)
      threads.emplace_back([&] {
        count.add();
        count.add();
        ++counted;
        counted.notify_one();
        may_end.wait(false);
      });
    for (std::size_t seen = counted; seen < many; seen = counted) counted.wait(seen);
    may_end = true;
    may_end.notify_all();
  }

  CHECK(number(registry.read().at(0), 0) == 2 * many);
}

TEST_CASE("a probe that looked a moment ago does not look again, however many read") {
  metrics::Registry registry;
  int looks = 0, other_looks = 0;
  const metrics::Probe probe{registry, [&] { ++looks; }};
  static_cast<void>(registry.read());
  static_cast<void>(registry.read());
  CHECK(looks == 2);

  registry.probe_interval_is(std::chrono::hours{1});
  const metrics::Probe other{registry, [&] { ++other_looks; }};
  for (int i = 0; i < 3; ++i) static_cast<void>(registry.read());
  registry.look();

  CHECK(looks == 2);
  CHECK(other_looks == 1);
}

TEST_CASE("an event is added up over its labels") {
  metrics::Registry registry;
  const metrics::Series front{registry, tried, {"house", "front"}};
  const metrics::Series back{registry, tried, {"house", "back"}};

  front.spiral("count").add(2);
  back.spiral("count").add(3);
  front.histogram("time").record(5);
  back.histogram("time").record(7);

  CHECK(std::get<std::int64_t>(registry.total("door_tried", "count")) == 5);
  CHECK(std::get<metrics::Distribution>(registry.total("door_tried", "time")).sum == 12);
  CHECK(std::holds_alternative<std::monostate>(registry.total("door_tried", "colour")));
  CHECK(std::holds_alternative<std::monostate>(registry.total("window_tried", "count")));
}
