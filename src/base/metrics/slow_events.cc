// SPDX-License-Identifier: Apache-2.0
#include "base/metrics/slow_events.h"

#include <algorithm>
#include <functional>

namespace meerkat::metrics {
namespace {

constexpr auto least_worth = std::chrono::nanoseconds{SlowEvents::least}.count();

std::int64_t minute_number(WallTime when) {
  return std::chrono::floor<std::chrono::minutes>(when).time_since_epoch().count();
}

}  // namespace

// Under the lock. The place of a minute that is long over is taken; a clock that is set back finds its minute again.
SlowEvents::Minute& SlowEvents::minute_of(WallTime when) {
  const std::int64_t number = minute_number(when);
  Minute& minute = minutes_[static_cast<std::size_t>(number) % minutes];
  if (minute.number != number) {
    minute.number = number;
    minute.longest.clear();
  }
  if (number != newest_) {
    newest_ = number;
    worth_.store(least_worth, std::memory_order_relaxed);
  }
  return minute;
}

void SlowEvents::note(SlowEvent event) noexcept {
  const std::lock_guard lock{mutex_};
  std::vector<SlowEvent>& longest = minute_of(event.when).longest;
  if (longest.size() < per_minute) {
    longest.push_back(std::move(event));
  } else {
    const auto shortest = std::ranges::min_element(longest, {}, &SlowEvent::took);
    if (shortest->took < event.took) *shortest = std::move(event);
  }
  if (longest.size() == per_minute)
    worth_.store(std::ranges::min_element(longest, {}, &SlowEvent::took)->took.count() + 1, std::memory_order_relaxed);
}

void SlowEvents::time_passes(WallTime now) noexcept {
  const std::lock_guard lock{mutex_};
  minute_of(now);
}

std::vector<SlowEvent> SlowEvents::longest(WallTime since, std::size_t most) const {
  std::vector<SlowEvent> all;
  {
    const std::lock_guard lock{mutex_};
    for (const Minute& minute : minutes_)
      for (const SlowEvent& event : minute.longest)
        if (event.when >= since) all.push_back(event);
  }
  std::ranges::sort(all, std::greater{}, &SlowEvent::took);
  if (all.size() > most) all.resize(most);
  return all;
}

}  // namespace meerkat::metrics
