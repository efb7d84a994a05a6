// SPDX-License-Identifier: Apache-2.0
#include "base/metrics/event_log.h"

namespace meerkat::metrics {
namespace {

// Names of events are declared in the program, never sent by a peer.
LogWord word_of(const Event& event) { return LogWord::declared(event.name, LogWord{"measured"}.place); }

void write(LogLevel level, const Counting& what, std::size_t measurement, std::int64_t value) {
  const LogWord word = word_of(*what.event);
  const LogField measured{what.event->measurements[measurement].name, value};
  const auto label = [&](std::size_t i) { return LogField{what.event->labels[i], (*what.labels)[i]}; };
  switch (what.labels->size()) {
    case 0:
      return log(level, word, {measured});
    case 1:
      return log(level, word, {label(0), measured});
    case 2:
      return log(level, word, {label(0), label(1), measured});
    default:
      static_assert(Event::most_labels == 3);
      return log(level, word, {label(0), label(1), label(2), measured});
  }
}

}  // namespace

void EventLog::log_at(std::optional<LogLevel> level) {
  if (level) level_.store(*level, std::memory_order_relaxed);
  registry_.watch(level ? this : nullptr);
}

// Which thread begins the new second does not matter much: a line more or less.
bool EventLog::may_write() {
  const std::int64_t now =
      std::chrono::floor<std::chrono::seconds>(std::chrono::steady_clock::now().time_since_epoch()).count();
  if (std::int64_t then = second_.load(std::memory_order_relaxed);
      then != now && second_.compare_exchange_strong(then, now, std::memory_order_relaxed)) {
    const std::uint32_t lines = lines_.exchange(0, std::memory_order_relaxed);
    if (lines > most_lines) log_notice("measurements_not_logged", {{"count", lines - most_lines}});
  }
  return lines_.fetch_add(1, std::memory_order_relaxed) < most_lines;
}

void EventLog::counted(Slot slot, std::int64_t value) noexcept {
  const LogLevel level = level_.load(std::memory_order_relaxed);
  if (!logs_at(level, LogWord{"measured"}.place) || !may_write()) return;
  if (const auto what = registry_.counting(slot)) write(level, *what, what->measurement, value);
}

void EventLog::counted(std::span<const Step> steps) noexcept {
  const LogLevel level = level_.load(std::memory_order_relaxed);
  if (!logs_at(level, LogWord{"measured"}.place)) return;
  const auto what = registry_.counting(steps.front().slot);
  if (!what) return;
  const std::vector<std::int64_t> values = values_of(*what->event, what->first, steps);
  for (std::size_t i = 0; i < values.size(); ++i)
    if (values[i] != 0 && may_write()) write(level, *what, i, values[i]);
}

}  // namespace meerkat::metrics
