// SPDX-License-Identifier: Apache-2.0
#include "core/limits/limits_section.h"

namespace meerkat {

config::Section<LimitsSettings> limits_section() {
  using namespace config;
  using S = LimitsSettings;
  return Section<S>{"limits", "What one address, and all who have not logged in, may use; see docs/guide/limits.md."}
      .option("ipv4_prefix", &S::ipv4_prefix, "How many bits of an IPv4 address stand for one customer.",
              between(8, 32), unit("bits"))
      .option("ipv6_prefix", &S::ipv6_prefix,
              "How many bits of an IPv6 address stand for one customer, who owns a /64 at least.", between(16, 128),
              unit("bits"))
      .option("connections_per_address", &S::connections_per_address,
              "How many connections may be open from one address. Everybody behind one NAT counts together.",
              at_least(1))
      .option("unauthenticated_per_address", &S::unauthenticated_per_address,
              "How many of them may not have logged in yet.", at_least(1))
      .option(
          "unauthenticated", &S::unauthenticated,
          "How many connections may not have logged in yet in all. One more, and the oldest of them is ended. Never "
          "more than half of the descriptors.",
          at_least(1))
      .option(
          "unauthenticated_memory", &S::unauthenticated_memory,
          "About how much memory they may take together, in bytes: 2 KB is usual, a TLS handshake takes 48 KB. Beyond "
          "it the oldest is ended; a third is for those who take much, the rest for those who take little, and either "
          "has what the other leaves.",
          at_least(Bytes{1'000'000}))
      .option("connection_rate", &S::connection_rate,
              "How many new connections per second one address may open in the long run.", at_least(1))
      .option("connection_burst", &S::connection_burst, "How many at once, when it was quiet before.", at_least(1))
      .option("login_time", &S::login_time,
              "How long a connection may take in all until it is logged in, beside the state_timeout for each step.",
              unit("seconds"), at_least(1))
      .option("login_bytes", &S::login_bytes, "How many bytes it may send until then, spaces included.",
              at_least(Bytes{4096}))
      .option("logins_in_progress", &S::logins_in_progress,
              "How many passwords may be looked up or hashed at once; beyond it, clients are told to come back later.",
              at_least(1))
      .option("failed_logins_per_address", &S::failed_logins_per_address,
              "How many logins from one address may fail within ten minutes; then those from there are refused for a "
              "while, except of users who logged in from there in the last month.",
              at_least(1))
      .option("failed_logins_per_account_and_address", &S::failed_logins_per_account_and_address,
              "How many logins to one account from one address may fail within ten minutes; from half of them on, "
              "answers take a second; after them, logins to it from there are refused for a while.",
              at_least(1))
      .option("failed_logins_per_account", &S::failed_logins_per_account,
              "How many logins to one account may fail within ten minutes, from everywhere; then each answer takes two "
              "seconds, except where its owner logged in in the last month. Nobody is locked out.",
              at_least(1))
      .option(
          "registrations_per_minute", &S::registrations_per_minute,
          "How many accounts may be registered per minute in all; see general.registration_timeout for one address. "
          "Absent: 120, or any number where that is \"infinity\".",
          at_least(1), example("120"))
      .option(
          "memory", &S::memory,
          "The memory the server may take. From 90 % of it on newcomers are turned away, above it the slowest readers "
          "are cut off. Absent: 80 % of what the machine, or the control group, has.",
          at_least(Bytes{16 << 20}), example("4000000000"));
}

}  // namespace meerkat
