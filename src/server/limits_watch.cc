// SPDX-License-Identifier: Apache-2.0
#include "server/limits_watch.h"

#include "base/log.h"
#include "core/limits/memory_reading.h"

namespace meerkat {

void LimitsWatch::start() {
  look();
  timer_.set(here_.timers(), pause, [](void* self) { static_cast<LimitsWatch*>(self)->start(); }, this);
}

void LimitsWatch::look() {
  const MemoryCeiling::State state = limits_.memory.measured(resident_memory());
  if (state != MemoryCeiling::State::well) make_room(state);
  if (here_.clock().steady() >= next_report_) report();
}

// Every worker frees what it can of its share; what is not enough now is tried again in a second.
void LimitsWatch::make_room(MemoryCeiling::State state) const {
  const bool full = state == MemoryCeiling::State::full;
  const std::uint64_t share = full ? limits_.memory.excess() / services_.size() + 1 : 0;
  for (const auto& service : services_)
    service->hall.worker.call([&service = *service, share] {
      return_free_memory();
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
