// SPDX-License-Identifier: Apache-2.0
#include "base/metrics/window.h"

#include <algorithm>

namespace meerkat::metrics {
namespace {

bool is_same(const Reading& one, const Reading& other) {
  const auto* const left = std::get_if<Distribution>(&one);
  const auto* const right = std::get_if<Distribution>(&other);
  if (left != nullptr && right != nullptr) return left->sum == right->sum && left->in_bucket == right->in_bucket;
  const auto* const number = std::get_if<std::int64_t>(&one);
  const auto* const other_number = std::get_if<std::int64_t>(&other);
  return number != nullptr && other_number != nullptr ? *number == *other_number : one.index() == other.index();
}

// A series that was bound anew has begun at 0.
bool is_less(const Reading& now, const Reading& before, Kind kind) {
  if (kind == Kind::spiral) return std::get<std::int64_t>(now) < std::get<std::int64_t>(before);
  return kind == Kind::histogram && std::get<Distribution>(now).count() < std::get<Distribution>(before).count();
}

Reading since(const Reading& before, const Reading& now, Kind kind) {
  if (is_less(now, before, kind)) return now;
  if (kind == Kind::spiral) return std::get<std::int64_t>(now) - std::get<std::int64_t>(before);
  if (kind != Kind::histogram) return now;
  Distribution added = std::get<Distribution>(now);
  const auto& old = std::get<Distribution>(before);
  for (std::size_t i = 0; i < Histogram::buckets; ++i)
    added.in_bucket[i] -= std::min(old.in_bucket[i], added.in_bucket[i]);
  added.sum -= std::min(old.sum, added.sum);
  return added;
}

// What a series begins with.
std::vector<Reading> nothing(const Event& event) {
  std::vector<Reading> readings;
  for (const Measurement& each : event.measured())
    readings.push_back(each.kind == Kind::histogram ? Reading{Distribution{}} : Reading{std::int64_t{0}});
  return readings;
}

}  // namespace

Window::Window(const Registry& registry, SteadyTime now) : registry_(registry) {
  for (SeriesReading& series : registry_.read())
    past_[{series.event.name, std::move(series.labels)}] = {{{now, std::move(series.readings)}}, now};
}

void Window::look(SteadyTime now) {
  std::vector<SeriesReading> all = registry_.read();
  const std::lock_guard lock{mutex_};
  for (SeriesReading& series : all) {
    Past& past = past_[{series.event.name, std::move(series.labels)}];
    past.seen = now;
    if (past.states.empty()) past.states.push_back({now - between_looks, nothing(series.event)});
    forget_old(past, now);
    if (!std::ranges::equal(past.states.back().readings, series.readings, is_same))
      past.states.push_back({now, std::move(series.readings)});
  }
  std::erase_if(past_, [now](const auto& entry) { return entry.second.seen != now; });
}

// The last state that is a minute old, or nearly, stays: the minute begins with it.
void Window::forget_old(Past& past, SteadyTime now) {
  const SteadyTime begin = now - length + between_looks / 2;
  while (past.states.size() > 1 && past.states[1].since <= begin) past.states.pop_front();
}

WindowReading Window::read(SteadyTime now) {
  WindowReading reading{.now = registry_.read(), .recent = {}};
  reading.recent = reading.now;
  const std::lock_guard lock{mutex_};
  for (SeriesReading& series : reading.recent) {
    const auto found = past_.find({series.event.name, series.labels});
    if (found == past_.end()) continue;  // it is new: all of it happened in the last minute
    forget_old(found->second, now);
    const State& begin = found->second.states.front();
    for (std::size_t i = 0; i < series.readings.size(); ++i)
      series.readings[i] = since(begin.readings[i], series.readings[i], series.event.measurements[i].kind);
  }
  return reading;
}

}  // namespace meerkat::metrics
