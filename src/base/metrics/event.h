// SPDX-License-Identifier: Apache-2.0
// What can be counted and measured: an event is declared once, in the room where it happens.
//
//   constexpr metrics::Event session{.name = "sm_session",
//                                    .sentence = "A session was opened or has ended.",
//                                    .labels = {"host_type"},
//                                    .measurements = {{"logins", Kind::spiral}, {"logouts", Kind::spiral}}};
//   constexpr metrics::Event roster_pushed = metrics::counted("mod_roster_push", "A change was pushed to a session.");
//
// Names, labels and measurements are those of MongooseIM, so that dashboards made for it show data.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace meerkat::metrics {

enum class Kind : std::uint8_t {
  gauge,      // the last value that was set
  counter,    // goes up and down
  spiral,     // only goes up
  histogram,  // how values are distributed: microseconds or bytes
};

struct Measurement {
  std::string_view name;
  Kind kind;
};

// Where something happens so often that few steps have to count for many measurements: cells of another meaning, from
// which those of the measurements are made when somebody reads.
struct Packing {
  std::size_t cells = 0;  // 0: each measurement counts in its own
  // `measured` are the cells of all measurements in their order: one each, or a histogram's buckets and their sum. They
  // are 0.
  void (*unpack)(std::span<const std::uint64_t> packed, std::span<std::uint64_t> measured) = nullptr;

  bool operator==(const Packing&) const = default;
};

// The texts outlive whoever knows the event, but for the name, of which the registry has a copy.
struct Event {
  static constexpr std::size_t most_labels = 3;
  static constexpr std::size_t most_measurements = 12;

  std::string_view name;
  std::string_view sentence;
  // Both end at the first one without a name.
  std::string_view labels[most_labels] = {};
  Measurement measurements[most_measurements] = {};
  Packing packing = {};

  constexpr std::span<const std::string_view> label_keys() const {
    std::size_t count = 0;
    while (count < most_labels && !labels[count].empty()) ++count;
    return {labels, count};
  }
  constexpr std::span<const Measurement> measured() const {
    std::size_t count = 0;
    while (count < most_measurements && !measurements[count].name.empty()) ++count;
    return {measurements, count};
  }
};

// Most events: counted for each host type.
constexpr Event counted(std::string_view name, std::string_view sentence) {
  return {.name = name, .sentence = sentence, .labels = {"host_type"}, .measurements = {{"count", Kind::spiral}}};
}
// And timed.
constexpr Event timed(std::string_view name, std::string_view sentence) {
  return {.name = name,
          .sentence = sentence,
          .labels = {"host_type"},
          .measurements = {{"count", Kind::spiral}, {"time", Kind::histogram}}};
}

}  // namespace meerkat::metrics
