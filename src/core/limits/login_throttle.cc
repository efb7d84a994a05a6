// SPDX-License-Identifier: Apache-2.0
#include "core/limits/login_throttle.h"

#include <algorithm>
#include <cstring>

namespace meerkat {
namespace {

using namespace std::chrono_literals;

constexpr auto window = 10min;
constexpr auto at_home_for = std::chrono::days{30};
// For an account that is being attacked from everywhere, and for somebody who used up half of his failures.
constexpr auto long_wait = 2000ms;
constexpr auto short_wait = 1000ms;

Pace pace_of(const std::optional<std::uint32_t>& failures) {
  return failures ? Pace::within(*failures, window) : Pace{};
}

std::uint64_t both_of(std::uint64_t one, std::uint64_t other) {
  char bytes[sizeof one + sizeof other];
  std::memcpy(bytes, &one, sizeof one);
  std::memcpy(bytes + sizeof one, &other, sizeof other);
  return keyed_hash({bytes, sizeof bytes});
}

}  // namespace

void LoginThrottle::change(const LoginRules& rules) {
  v4_bits_.store(rules.prefixes.v4, std::memory_order_relaxed);
  v6_bits_.store(rules.prefixes.v6, std::memory_order_relaxed);
  addresses_.change(pace_of(rules.per_address));
  pairs_.change(pace_of(rules.per_account_and_address));
  accounts_.change(pace_of(rules.per_account));
  homes_.change({.interval = at_home_for, .burst = 1});
}

LoginThrottle::Attempt LoginThrottle::attempt(const IpAddress& from, std::string_view account) const {
  const PrefixLengths prefixes{v4_bits_.load(std::memory_order_relaxed), v6_bits_.load(std::memory_order_relaxed)};
  Attempt attempt{.address = prefixes.key_of(from), .account = keyed_hash(account)};
  attempt.both = both_of(attempt.address, attempt.account);
  return attempt;
}

bool LoginThrottle::is_at_home(const Attempt& attempt, SteadyTime now) const {
  return homes_.missing(attempt.both, now) > 0;
}

LoginThrottle::Answer LoginThrottle::ask(const Attempt& attempt, SteadyTime now) const {
  const auto rounded_up = [](std::chrono::nanoseconds time) {
    return std::chrono::ceil<std::chrono::milliseconds>(time);
  };
  if (const auto wait = pairs_.wait(attempt.both, now); wait.count() > 0)
    return {Verdict::account_refused, rounded_up(wait)};
  const bool at_home = is_at_home(attempt, now);
  if (const auto wait = addresses_.wait(attempt.address, now); wait.count() > 0 && !at_home)
    return {Verdict::address_refused, rounded_up(wait)};
  if (!at_home && accounts_.wait(attempt.account, now).count() > 0) return {Verdict::go, long_wait};
  const Pace pace = pairs_.pace();
  if (!pace.is_infinite() && pairs_.missing(attempt.both, now) > pace.burst / 2) return {Verdict::go, short_wait};
  return {};
}

void LoginThrottle::failed(const Attempt& attempt, SteadyTime now) {
  addresses_.charge(attempt.address, now);
  pairs_.charge(attempt.both, now);
  accounts_.charge(attempt.account, now);
}

void LoginThrottle::succeeded(const Attempt& attempt, SteadyTime now) {
  pairs_.forget(attempt.both);
  homes_.forget(attempt.both);
  homes_.take(attempt.both, now);
}

}  // namespace meerkat
