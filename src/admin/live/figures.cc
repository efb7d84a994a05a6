// SPDX-License-Identifier: Apache-2.0
#include "admin/live/figures.h"

#include <algorithm>

#include "base/metrics/exometer.h"

namespace meerkat::admin {
namespace {

using enum FigureKind;
constexpr ColumnType number = ColumnType::number;

constexpr std::array<FigureDescription, figure_count> descriptions{
    {{"sessions", level, number, "Sessions, those whose clients are away included."},
     {"detached", level, number, "Of these, those whose clients are away and may come back."},
     {"connections", level, number, "Connections of clients, logged in or not."},
     {"strangers", level, number, "Of these, those that have not logged in."},
     {"logins", happened, number, "Sessions that began."},
     {"logouts", happened, number, "Sessions that ended."},
     {"failed_logins", happened, number, "Logins that were refused."},
     {"messages_in", happened, number, "Messages that came from clients."},
     {"messages_out", happened, number, "Messages that went to clients."},
     {"presences_in", happened, number, "Presence that came from clients."},
     {"presences_out", happened, number, "Presence that went to clients."},
     {"iqs_in", happened, number, "IQs that came from clients."},
     {"iqs_out", happened, number, "IQs that went to clients."},
     {"bytes_in", happened, ColumnType::bytes, "What came from clients."},
     {"bytes_out", happened, ColumnType::bytes, "What went to clients."},
     {"stanzas_timed", happened, number, "Stanzas of clients that were dealt with."},
     {"stanza_p50_us", percentile, number, "Microseconds that half of them took at most, as an estimate."},
     {"stanza_p95_us", percentile, number, "Microseconds that 95 of 100 took at most."},
     {"stanza_p99_us", percentile, number, "Microseconds that 99 of 100 took at most."},
     {"lag_us", most, number, "Microseconds that mail to the slowest worker waited to be opened."},
     {"cpu", level, number, "Time of processors that was used, in thousandths of one processor."},
     {"memory", level, ColumnType::bytes, "Resident memory of the process."},
     {"heap", level, ColumnType::bytes, "Memory that the allocator has taken from the system, as it tells."},
     {"pool_calls", happened, number, "Calls of services outside."},
     {"pool_failures", happened, number, "Such calls that failed, timed out or were refused."},
     {"pool_queued", level, number, "Such calls that nobody has begun with."},
     {"pool_under_way", level, number, "Such calls that are being worked on."}}};

// Of the seconds in which it is known.
std::int64_t summary(std::span<const Sample> seconds, Figure figure, FigureKind kind) {
  std::int64_t sum = 0;
  std::int64_t largest = Sample::unknown;
  std::int64_t known = 0;
  for (const Sample& second : seconds) {
    const std::int64_t value = second[figure];
    if (value == Sample::unknown) continue;
    ++known;
    sum += value;
    largest = std::max(largest, value);
  }
  if (known == 0) return Sample::unknown;
  if (kind == most) return largest;
  return kind == happened ? sum : sum / known;
}

std::vector<Sample> newest(const std::deque<Sample>& all, std::int64_t at, std::size_t most) {
  const auto first = std::ranges::upper_bound(all, at, {}, &Sample::at);
  const auto count = std::min<std::size_t>(most, static_cast<std::size_t>(all.end() - first));
  return {all.end() - static_cast<std::ptrdiff_t>(count), all.end()};
}

void keep(std::deque<Sample>& samples, Sample sample, std::size_t most) {
  samples.push_back(sample);
  if (samples.size() > most) samples.pop_front();
}

}  // namespace

std::span<const FigureDescription> figure_descriptions() { return descriptions; }

void Sample::set_percentiles(const metrics::Distribution& times) {
  if (times.count() == 0) return;
  (*this)[Figure::stanza_p50_us] = metrics::percentile(times, 0.5);
  (*this)[Figure::stanza_p95_us] = metrics::percentile(times, 0.95);
  (*this)[Figure::stanza_p99_us] = metrics::percentile(times, 0.99);
}

void History::add(Sample sample, const metrics::Distribution& times) {
  const std::lock_guard lock{mutex_};
  sample.set_percentiles(times);
  keep(seconds_, sample, most_seconds);
  minute_.push_back(sample);
  times_ += times;
  if (minute_.size() == 60) end_minute();
}

void History::end_minute() {
  Sample minute;
  minute.at = minute_.back().at;
  minute.seconds = static_cast<std::int64_t>(minute_.size());
  for (std::size_t i = 0; i < figure_count; ++i)
    if (descriptions[i].kind != percentile)
      minute.values[i] = summary(minute_, static_cast<Figure>(i), descriptions[i].kind);
  minute.set_percentiles(times_);
  keep(minutes_, minute, most_minutes);
  minute_.clear();
  times_ = {};
}

std::vector<Sample> History::since(std::int64_t at, Every every, std::size_t most) const {
  const std::lock_guard lock{mutex_};
  return newest(every == Every::second ? seconds_ : minutes_, at, most);
}

}  // namespace meerkat::admin
