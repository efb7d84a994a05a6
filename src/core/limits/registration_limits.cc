// SPDX-License-Identifier: Apache-2.0
#include "core/limits/registration_limits.h"

namespace meerkat {

void RegistrationLimits::change(const RegistrationRules& rules) {
  places_.change(rules.between ? Pace{.interval = *rules.between, .burst = 1} : Pace{});
  const std::scoped_lock lock{mutex_};
  prefixes_ = rules.prefixes;
  whole_pace_ = rules.per_minute ? Pace::within(*rules.per_minute, std::chrono::minutes{1}) : Pace{};
}

std::expected<RegistrationLimits::Turn, Refusal> RegistrationLimits::take_turn(const IpAddress& from, SteadyTime now) {
  const std::scoped_lock lock{mutex_};
  const std::uint64_t place = prefixes_.key_of(from);
  if (!whole_.has(whole_pace_, now)) return std::unexpected(Refusal::registrations);
  if (!places_.take(place, now)) return std::unexpected(Refusal::registration_address);
  whole_.take(whole_pace_, now);
  return Turn{*this, place, now};
}

void RegistrationLimits::give_back(std::uint64_t place, SteadyTime now) {
  const std::scoped_lock lock{mutex_};
  places_.give_back(place, now);
  whole_.give_back(whole_pace_);
}

}  // namespace meerkat
