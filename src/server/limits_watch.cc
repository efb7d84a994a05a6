// SPDX-License-Identifier: Apache-2.0
#include "server/limits_watch.h"

#include <algorithm>

#include "base/log.h"
#include "core/limits/free_memory.h"
#include "core/limits/memory_reading.h"

namespace meerkat {

void LimitsWatch::start() {
  look();
  timer_.set(here_.timers(), pause(), [](void* self) { static_cast<LimitsWatch*>(self)->start(); }, this);
}

std::chrono::milliseconds LimitsWatch::pause() const {
  const std::uint64_t ceiling = limits_.memory.ceiling(), resident = limits_.memory.resident();
  if (ceiling == 0) return longest_pause;
  const std::chrono::milliseconds until_full{ceiling > resident ? (ceiling - resident) / growth : 0};
  return std::clamp(until_full, shortest_pause, longest_pause);
}

void LimitsWatch::look() {
  const MemoryCeiling::State state = limits_.memory.measured(resident_memory());
  const bool well = state == MemoryCeiling::State::well;
  freed_memory_is(well ? FreedMemory::kept_for_a_while : FreedMemory::returned_at_once);
  if (state != MemoryCeiling::State::full) fullness_is_answered_ = false;
  if (!well) make_room(state);
  if (here_.clock().steady() >= next_report_) report();
}

bool LimitsWatch::is_time_for_a_round(bool full) const {
  if (at_it_.load(std::memory_order_acquire) > 0) return false;
  if (full && (!fullness_is_answered_ || cut_off_.load(std::memory_order_relaxed) > 0)) return true;
  return here_.clock().steady() >= last_round_ + (full ? between_rounds_when_full : between_rounds_when_tight);
}

// Every worker frees what it can of its share; what is not enough is tried again in the next round.
void LimitsWatch::make_room(MemoryCeiling::State state) {
  const bool full = state == MemoryCeiling::State::full;
  if (!is_time_for_a_round(full)) return;
  fullness_is_answered_ = full;
  last_round_ = here_.clock().steady();
  cut_off_.store(0, std::memory_order_relaxed);
  at_it_.store(services_.size(), std::memory_order_relaxed);
  const std::uint64_t share = full ? limits_.memory.excess() / services_.size() + 1 : 0;
  for (std::size_t i = 0; i < services_.size(); ++i)
    services_[i]->hall.worker.call(
        [this, &service = *services_[i], &http = *http_services_[i], share, resident = limits_.memory.resident()] {
          const std::size_t count = service.shed(share) + http.shed(share);
          if (count > 0) log_warning("slow_readers_cut_off", {{"sessions", count}, {"why", "memory"}});
          return_free_memory(resident);
          cut_off_.fetch_add(count, std::memory_order_relaxed);
          at_it_.fetch_sub(1, std::memory_order_release);
        });
}

void LimitsWatch::report() {
  next_report_ = here_.clock().steady() + between_reports;
  for (const Refusal why : Refusals::all()) {
    const std::uint64_t times = limits_.refusals.times(why);
    std::uint64_t& told = told_[static_cast<std::size_t>(why)];
    if (times != told) log_notice("turned_away", {{"why", Refusals::name(why)}, {"times", times - told}});
    told = times;
  }
}

}  // namespace meerkat
