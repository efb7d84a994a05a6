// SPDX-License-Identifier: Apache-2.0
#include "core/limits/memory_ceiling.h"

#include "base/log.h"

namespace meerkat {
namespace {

// In percent of the ceiling: from where on it is tight, and where it is well again, lest it flutters.
constexpr std::uint64_t tight_from = 90;
constexpr std::uint64_t well_below = 85;

std::uint64_t percent(std::uint64_t of, std::uint64_t count) { return of / 100 * count; }

}  // namespace

MemoryCeiling::State MemoryCeiling::judge(std::uint64_t resident) const {
  const std::uint64_t ceiling = this->ceiling();
  if (ceiling == 0) return State::well;
  const State before = state();
  if (resident >= ceiling) return State::full;
  if (before == State::full && resident >= percent(ceiling, tight_from)) return State::full;
  if (resident >= percent(ceiling, tight_from)) return State::tight;
  if (before != State::well && resident >= percent(ceiling, well_below)) return State::tight;
  return State::well;
}

MemoryCeiling::State MemoryCeiling::measured(std::uint64_t resident) {
  resident_.store(resident, std::memory_order_relaxed);
  const State before = state();
  const State now = judge(resident);
  if (now == before) return now;
  state_.store(now, std::memory_order_relaxed);
  switch (now) {
    case State::well:
      log_notice("memory_well", {{"bytes", resident}, {"limit", ceiling()}, {"now", "everybody may come in"}});
      break;
    case State::tight:
      log_warning("memory_tight", {{"bytes", resident}, {"limit", ceiling()}, {"now", "newcomers are turned away"}});
      break;
    case State::full:
      log_error("memory_full", {{"bytes", resident}, {"limit", ceiling()}, {"now", "the slowest readers are cut off"}});
      break;
  }
  return now;
}

std::uint64_t MemoryCeiling::excess() const {
  const std::uint64_t wished = percent(ceiling(), tight_from);
  return resident() > wished ? resident() - wished : 0;
}

}  // namespace meerkat
