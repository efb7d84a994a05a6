// SPDX-License-Identifier: Apache-2.0
// All that is counted and measured in a server: who counts binds the labels of an event and holds on to that; who wants
// to know reads everything.
//
//   metrics::Series pushes{registry, roster_pushed, {host.name}};
//   const metrics::Spiral count = pushes.spiral("count");
//   count.add();
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/metrics/cells.h"
#include "base/metrics/event.h"
#include "base/metrics/handles.h"
#include "base/metrics/slow_events.h"

namespace meerkat::metrics {

struct Distribution {
  std::array<std::uint64_t, Histogram::buckets> in_bucket{};
  std::uint64_t sum = 0;

  std::uint64_t count() const;
  Distribution& operator+=(const Distribution& other);
};

// monostate: a gauge that nobody has set.
using Reading = std::variant<std::monostate, std::int64_t, Distribution>;

// One event with one set of labels, as it is now. The texts live as long as the registry.
struct SeriesReading {
  Event event;
  std::vector<std::string> labels;  // in the order of their keys in the event
  std::vector<Reading> readings;    // in the order of the measurements
  Gauge::Time gauges_set{};         // when the latest of its gauges was set, if any was
};

// What a handle counts. What is pointed to lives as long as the registry.
struct Counting {
  const Event* event;
  const std::vector<std::string>* labels;
  Slot first;               // of the series
  std::size_t measurement;  // which of the event's, unless it is packed
};
// What the steps of one packed counting add to each measurement of its event.
std::vector<std::int64_t> values_of(const Event& event, Slot first, std::span<const Step> steps);

class Probe;

// Any thread. Outlives those who count.
class Registry {
 public:
  Registry();
  ~Registry();
  Registry(const Registry&) = delete;
  Registry& operator=(const Registry&) = delete;

  // What somebody holds on to, in the order of names and labels. Probes that are due set what they know first.
  std::vector<SeriesReading> read() const;
  // Only the probes that are due.
  void look() const;
  // A probe is due when it has not looked for so long; 0, as it is in the beginning: always.
  void probe_interval_is(std::chrono::nanoseconds interval);

  // Who hears of everything that is counted, or null.
  void watch(CountWatcher* watcher) { cells_.watch(watcher); }
  // Of a slot that the watcher was told.
  std::optional<Counting> counting(Slot slot) const;

  // One measurement of an event, added up over all its labels; nothing when nobody counts it. No probe is asked.
  Reading total(std::string_view event, std::string_view measurement) const;
  // What has ever been bound, in the order of names.
  std::vector<Event> events() const;

  // What took longest lately, of all that is timed.
  SlowEvents& slow_events() { return slow_events_; }
  const SlowEvents& slow_events() const { return slow_events_; }

  // Which host types there are: nothing is read of others, though somebody may still hold on to it. Of one that is new
  // or has come back everything begins at 0. Until this is called there are all.
  void host_types_are(const std::vector<std::string>& names);

 private:
  friend class Series;
  friend class Probe;
  struct Record;
  using Name = std::pair<std::string_view, std::vector<std::string>>;

  const Event& known(const Event& event);
  Record& bind(const Event& event, std::vector<std::string> labels);
  void release(Record& record) noexcept;
  void begin_at_0(Record& record);
  void look_when_due() const;
  bool is_there(const Name& name, const Record& record) const;
  SeriesReading read(const Name& name, const Record& record) const;

  SlowEvents slow_events_;
  mutable std::mutex probing_;  // taken first
  std::vector<Probe*> probes_;
  std::chrono::nanoseconds probe_interval_{0};
  Cells cells_;
  mutable std::mutex mutex_;
  std::map<std::string, Event, std::less<>> events_;
  using Records = std::map<Name, std::unique_ptr<Record>>;
  Records records_;  // never freed: a handle may outlive its host type a little
  std::map<Slot, Records::const_iterator> by_slot_;
  std::optional<std::set<std::string, std::less<>>> host_types_;
};

// Looks at something and sets gauges when somebody reads and it has not looked for a while: on his thread, one probe at
// a time. Not asked any more once it is gone.
class Probe {
 public:
  Probe(Registry& registry, std::function<void()> look);
  ~Probe();
  Probe(const Probe&) = delete;
  Probe& operator=(const Probe&) = delete;

 private:
  friend class Registry;
  Registry& registry_;
  const std::function<void()> look_;
  std::chrono::steady_clock::time_point looked_{};  // under the registry's lock
};

// One event with its labels bound. There as long as somebody holds it, from 0 on each time that somebody does so first;
// all who bind the same count together.
class [[nodiscard]] Series {
 public:
  // One label for each key, in that order. An event has the same labels and measurements wherever it is bound.
  Series(Registry& registry, const Event& event, std::initializer_list<std::string_view> labels);
  Series(Series&& other) noexcept
      : registry_(std::exchange(other.registry_, nullptr)), record_(std::exchange(other.record_, nullptr)) {}
  Series& operator=(Series&& other) noexcept {
    std::swap(registry_, other.registry_);
    std::swap(record_, other.record_);
    return *this;
  }
  ~Series();

  // A measurement that the event has, of that kind.
  Spiral spiral(std::string_view measurement) const;
  Counter counter(std::string_view measurement) const;
  Gauge gauge(std::string_view measurement) const;
  Histogram histogram(std::string_view measurement) const;
  // Of an event with a packing, instead of these.
  PackedCells packed() const;

  // It took so long: remembered when few others took longer lately. A comparison, nearly always.
  void took(std::chrono::nanoseconds time) const noexcept {
    if (registry_->slow_events_.is_worth(time)) [[unlikely]]
      took_long(time);
  }

 private:
  std::size_t index_of(std::string_view measurement, Kind kind) const;
  void took_long(std::chrono::nanoseconds time) const noexcept;

  Registry* registry_;
  Registry::Record* record_;
};

}  // namespace meerkat::metrics
