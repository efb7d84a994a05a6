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
  if (!well) make_room(state);
  if (here_.clock().steady() >= next_report_) report();
}

// Every worker frees what it can of its share; what is not enough now is tried again at the next look.
void LimitsWatch::make_room(MemoryCeiling::State state) {
  const bool full = state == MemoryCeiling::State::full;
  const std::uint64_t share = full ? limits_.memory.excess() / services_.size() + 1 : 0;
  const SteadyTime now = here_.clock().steady();
  if (!full && now < next_return_) return;
  next_return_ = now + between_returns;
  for (const auto& service : services_)
    service->hall.worker.call([&service = *service, share, resident = limits_.memory.resident()] {
      return_free_memory(resident);
      const std::size_t count = service.shed(share);
      if (count > 0) log_warning("slow_readers_cut_off", {{"sessions", count}, {"why", "memory"}});
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
