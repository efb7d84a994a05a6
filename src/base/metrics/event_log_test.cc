// SPDX-License-Identifier: Apache-2.0
#include "base/metrics/event_log.h"

#include <doctest/doctest.h>

#include <array>
#include <span>
#include <string>

#include "base/test_file_log.h"

using namespace meerkat;
using metrics::Kind;

namespace {

constexpr metrics::Event tried{
    .name = "door_tried",
    .sentence = "Somebody tried a door.",
    .labels = {"host_type", "door"},
    .measurements = {
        {"count", Kind::spiral}, {"inside", Kind::counter}, {"time", Kind::histogram}, {"width", Kind::gauge}}};
constexpr metrics::Event rung{
    .name = "bell_rung", .sentence = "Somebody rang.", .labels = {}, .measurements = {{"count", Kind::spiral}}};

// Cells: how often, and the sum.
constexpr metrics::Event seen{
    .name = "guest_seen",
    .sentence = "Somebody came by.",
    .labels = {"host_type"},
    .measurements = {{"count", Kind::spiral}, {"child_count", Kind::spiral}, {"height", Kind::histogram}},
    .packing = {.cells = 2, .unpack = [](std::span<const std::uint64_t> packed, std::span<std::uint64_t> measured) {
                  measured[0] = packed[0];
                  measured.back() = packed[1];
                }}};

}  // namespace

TEST_CASE("everything that is counted is a line of the log, with its labels and the measurement") {
  const FileLog log;
  set_log_level(LogLevel::debug);
  metrics::Registry registry;
  metrics::EventLog events{registry};
  const metrics::Series door{registry, tried, {"house", "front"}};
  const metrics::Series bell{registry, rung, {}};
  events.log_at(LogLevel::debug);

  door.spiral("count").add();
  door.counter("inside").add(-2);
  door.histogram("time").record(std::chrono::microseconds{90});
  door.gauge("width").set(80);
  bell.spiral("count").add(3);

  const std::string text = log.text();
  CHECK(log.count("door_tried") == 4);
  CHECK(text.find("level=debug what=door_tried room=base host_type=house door=front count=1\n") != std::string::npos);
  CHECK(text.find(" host_type=house door=front inside=-2\n") != std::string::npos);
  CHECK(text.find(" host_type=house door=front time=90\n") != std::string::npos);
  CHECK(text.find(" host_type=house door=front width=80\n") != std::string::npos);
  CHECK(text.find(" what=bell_rung room=base count=3\n") != std::string::npos);
}

TEST_CASE("what is counted in packed cells is logged as what it is") {
  const FileLog log;
  set_log_level(LogLevel::debug);
  metrics::Registry registry;
  metrics::EventLog events{registry};
  const metrics::Series other{registry, rung, {}};
  const metrics::Series guest{registry, seen, {"house"}};
  events.log_at(LogLevel::debug);

  guest.packed().add(std::array<metrics::Step, 2>{{{0, 1}, {1, 180}}});

  CHECK(log.count("guest_seen") == 2);
  CHECK(log.text().find(" host_type=house count=1\n") != std::string::npos);
  CHECK(log.text().find(" host_type=house height=180\n") != std::string::npos);
}

TEST_CASE("nothing is logged before it is wished for, nor afterwards, nor below the level of the log") {
  const FileLog log;
  set_log_level(LogLevel::info);
  metrics::Registry registry;
  metrics::EventLog events{registry};
  const metrics::Series bell{registry, rung, {}};

  bell.spiral("count").add();
  events.log_at(LogLevel::debug);
  bell.spiral("count").add();
  CHECK(log.count("bell_rung") == 0);
  events.log_at(LogLevel::info);
  bell.spiral("count").add();
  events.log_at(std::nullopt);
  bell.spiral("count").add();

  CHECK(log.count("bell_rung") == 1);
}

TEST_CASE("a flood of events does not flood the log, and what was left out is told") {
  const FileLog log;
  set_log_level(LogLevel::debug);
  metrics::Registry registry;
  metrics::EventLog events{registry};
  const metrics::Series bell{registry, rung, {}};
  events.log_at(LogLevel::debug);

  constexpr std::uint32_t many = 20 * metrics::EventLog::most_lines;
  const auto begin = std::chrono::steady_clock::now();
  for (std::uint32_t i = 0; i < many; ++i) bell.spiral("count").add();
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(std::chrono::steady_clock::now() - begin).count() + 1;

  CHECK(log.count("bell_rung") >= metrics::EventLog::most_lines);
  CHECK(log.count("bell_rung") <= static_cast<std::size_t>(seconds) * metrics::EventLog::most_lines);
  CHECK(std::get<std::int64_t>(registry.read().at(0).readings.at(0)) == many);
}
