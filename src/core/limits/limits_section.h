// SPDX-License-Identifier: Apache-2.0
// [limits]: what strangers and floods are kept within. Meerkat's own; MongooseIM has none of it.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "config/section.h"

namespace meerkat {

struct LimitsSettings {
  std::uint32_t ipv4_prefix = 32;
  std::uint32_t ipv6_prefix = 64;
  config::Limit<std::uint32_t> connections_per_address = 2000u;
  config::Limit<std::uint32_t> unauthenticated_per_address = 500u;
  config::Limit<std::uint32_t> unauthenticated = 10000u;
  config::Limit<config::Bytes> unauthenticated_memory = config::Bytes{16'000'000};
  config::Limit<std::uint32_t> connection_rate = 100u;
  std::uint32_t connection_burst = 1000;
  config::Limit<std::chrono::seconds> login_time = std::chrono::seconds{120};
  config::Limit<config::Bytes> login_bytes = config::Bytes{64 * 1024};
  config::Limit<std::uint32_t> logins_in_progress = 1000u;
  config::Limit<std::uint32_t> failed_logins_per_address = 100u;
  config::Limit<std::uint32_t> failed_logins_per_account_and_address = 20u;
  config::Limit<std::uint32_t> failed_logins_per_account = 100u;
  std::optional<config::Limit<std::uint32_t>> registrations_per_minute;  // absent: 120 unless one address has no limit
  std::optional<config::Limit<config::Bytes>> memory;                    // absent: 80 % of what there is
};

config::Section<LimitsSettings> limits_section();

}  // namespace meerkat
