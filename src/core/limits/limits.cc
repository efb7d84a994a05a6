// SPDX-License-Identifier: Apache-2.0
#include "core/limits/limits.h"

#include <algorithm>

#include "core/limits/memory_reading.h"

namespace meerkat {
namespace {

using config::Limit;

std::uint32_t most_of(const Limit<std::uint32_t>& limit) { return limit.value_or(no_limit); }

Pace pace_of(const LimitsSettings& settings) {
  if (settings.connection_rate.is_infinite()) return {};
  return {.interval = std::chrono::nanoseconds{std::chrono::seconds{1}} / *settings.connection_rate.most(),
          .burst = settings.connection_burst};
}

constexpr std::uint32_t usual_registrations_per_minute = 120;

RegistrationRules registrations_of(const LimitsSettings& settings, const Limit<std::chrono::seconds>& between) {
  RegistrationRules rules{.prefixes = {settings.ipv4_prefix, settings.ipv6_prefix}};
  if (between.most()) rules.between = *between.most();
  if (settings.registrations_per_minute)
    rules.per_minute = settings.registrations_per_minute->most();
  else if (!between.is_infinite())
    rules.per_minute = usual_registrations_per_minute;
  return rules;
}

std::optional<std::uint64_t> ceiling_of(const LimitsSettings& settings) {
  if (!settings.memory) return memory_of_this_place() / 100 * 80;
  if (settings.memory->is_infinite()) return std::nullopt;
  return settings.memory->most()->count;
}

}  // namespace

Limits::Limits(const LimitsSettings& settings, std::uint64_t descriptors,
               Limit<std::chrono::seconds> between_registrations) {
  change(settings, descriptors, between_registrations);
}

void Limits::change(const LimitsSettings& settings, std::uint64_t descriptors,
                    Limit<std::chrono::seconds> between_registrations) {
  const PrefixLengths prefixes{settings.ipv4_prefix, settings.ipv6_prefix};
  // Strangers must not take the descriptors of those who want to log in.
  const auto half = static_cast<std::uint32_t>(std::clamp<std::uint64_t>(descriptors / 2, 16, no_limit));
  connections.change({.prefixes = prefixes,
                      .per_address = most_of(settings.connections_per_address),
                      .unauthenticated_per_address = most_of(settings.unauthenticated_per_address),
                      .unauthenticated = std::min(most_of(settings.unauthenticated), half),
                      .pace = pace_of(settings)});
  logins.change({.prefixes = prefixes,
                 .per_address = settings.failed_logins_per_address.most(),
                 .per_account_and_address = settings.failed_logins_per_account_and_address.most(),
                 .per_account = settings.failed_logins_per_account.most()});
  registrations.change(registrations_of(settings, between_registrations));
  memory.change(ceiling_of(settings));
  login_time_.store(settings.login_time.value_or(std::chrono::seconds{0}), std::memory_order_relaxed);
  login_bytes_.store(settings.login_bytes.value_or(config::Bytes{UINT64_MAX}).count, std::memory_order_relaxed);
  memory_of_strangers_.store(settings.unauthenticated_memory.value_or(config::Bytes{UINT64_MAX}).count,
                             std::memory_order_relaxed);
  most_logins_.store(most_of(settings.logins_in_progress), std::memory_order_relaxed);
}

Limits& Limits::none() {
  static Limits unlimited;
  return unlimited;
}

std::optional<Limits::Login> Limits::begin_login() {
  if (logins_in_progress_.fetch_add(1, std::memory_order_relaxed) < most_logins_.load(std::memory_order_relaxed))
    return Login{*this};
  logins_in_progress_.fetch_sub(1, std::memory_order_relaxed);
  return std::nullopt;
}

}  // namespace meerkat
