// SPDX-License-Identifier: Apache-2.0
// Why somebody was turned away, and how often.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "base/counter_set.h"

namespace meerkat {

enum class Refusal : std::uint8_t {
  listener_full,            // max_connections of the listener
  address_connections,      // too many open connections from an address
  address_rate,             // too many new connections from an address
  address_unauthenticated,  // too many connections from an address that have not logged in
  unauthenticated,          // too many of them in all: the oldest went, or nobody could
  unauthenticated_memory,   // they hold too much memory together: the oldest went
  proxy_header,             // no PROXY header, or a wrong one
  login_time,               // not logged in within limits.login_time
  login_bytes,              // more than limits.login_bytes before the login
  login_address,            // too many failed logins from an address
  login_account,            // too many failed logins for an account from an address
  login_delayed,            // a login that was answered late on purpose
  logins_busy,              // too many logins at once
  registration_address,     // registered from there not long ago
  registrations,            // too many registrations in all
  memory,                   // the server is short of memory
  memory_slow_reader,       // a slow reader was cut off because the server is short of memory
};

// Counters since the start. Any thread.
class Refusals : public CounterSet<Refusal, Refusal::memory_slow_reader> {
 public:
  // A stable word for `meerkat status` and metrics.
  static constexpr std::string_view name(Refusal why) {
    constexpr std::array<std::string_view, kinds> names{
        "listener_full",     "address_connections",    "address_rate",  "address_unauthenticated",
        "unauthenticated",   "unauthenticated_memory", "proxy_header",  "login_time",
        "login_bytes",       "login_address",          "login_account", "login_delayed",
        "logins_busy",       "registration_address",   "registrations", "memory",
        "memory_slow_reader"};
    return names[static_cast<std::size_t>(why)];
  }
};

}  // namespace meerkat
