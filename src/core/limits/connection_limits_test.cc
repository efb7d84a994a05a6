// SPDX-License-Identifier: Apache-2.0
#include "core/limits/connection_limits.h"

#include <doctest/doctest.h>

#include <string>
#include <thread>
#include <vector>

using namespace meerkat;
using namespace std::chrono_literals;

namespace {

struct Door {
  explicit Door(const ConnectionRules& rules) : limits(rules) {}

  // "in", or why not.
  std::string knocks(std::string_view from) {
    auto guest = limits.let_in({*IpAddress::parse(from), 1}, listener, clock.steady());
    if (!guest) return std::string{Refusals::name(guest.error())};
    guests.push_back(std::move(*guest));
    return "in";
  }

  TurnableClock clock;
  ConnectionLimits limits;
  std::shared_ptr<ListenerLoad> listener = std::make_shared<ListenerLoad>();
  std::vector<std::unique_ptr<Guest>> guests;
};

}  // namespace

TEST_CASE("one address has so many connections open, and another one as many") {
  Door door{{.per_address = 2}};
  CHECK(door.knocks("192.0.2.1") == "in");
  CHECK(door.knocks("::ffff:192.0.2.1") == "in");

  CHECK(door.knocks("192.0.2.1") == "address_connections");
  CHECK(door.knocks("192.0.2.2") == "in");

  door.guests.erase(door.guests.begin());
  CHECK(door.knocks("192.0.2.1") == "in");
}

TEST_CASE("an IPv6 network of 64 bits is one customer") {
  Door door{{.per_address = 1}};
  CHECK(door.knocks("2001:db8::1") == "in");

  CHECK(door.knocks("2001:db8::2") == "address_connections");
  CHECK(door.knocks("2001:db8:0:1::1") == "in");

  door.limits.change({.prefixes = {.v4 = 24, .v6 = 48}, .per_address = 1});
  CHECK(door.knocks("192.0.2.1") == "in");
  CHECK(door.knocks("192.0.2.200") == "address_connections");
}

TEST_CASE("who has logged in does not count among the strangers of his address") {
  Door door{{.unauthenticated_per_address = 1, .unauthenticated = 1}};
  CHECK(door.knocks("192.0.2.1") == "in");
  CHECK(door.knocks("192.0.2.1") == "address_unauthenticated");
  CHECK(door.limits.unauthenticated() == 1);
  CHECK(!door.limits.too_many_unauthenticated());

  door.guests.front()->logged_in();
  door.guests.front()->logged_in();
  CHECK(door.limits.unauthenticated() == 0);
  CHECK(door.knocks("192.0.2.1") == "in");
  CHECK(door.knocks("192.0.2.2") == "in");
  CHECK(door.limits.too_many_unauthenticated());
}

TEST_CASE("new connections of an address come at a pace") {
  Door door{{.pace = {.interval = 100ms, .burst = 3}}};
  for (int i = 0; i < 3; ++i) CHECK(door.knocks("192.0.2.1") == "in");

  CHECK(door.knocks("192.0.2.1") == "address_rate");
  CHECK(door.knocks("192.0.2.2") == "in");

  door.clock.advance(100ms);
  CHECK(door.knocks("192.0.2.1") == "in");
  CHECK(door.knocks("192.0.2.1") == "address_rate");
}

TEST_CASE("a listener has so many connections") {
  Door door{{}};
  door.listener->most = 1;
  CHECK(door.knocks("192.0.2.1") == "in");

  CHECK(door.knocks("192.0.2.2") == "listener_full");

  door.guests.clear();
  CHECK(door.knocks("192.0.2.2") == "in");
}

TEST_CASE("addresses without connections are forgotten") {
  Door door{{.per_address = 10}};
  for (int i = 0; i < 200; ++i) door.knocks("10.0.0." + std::to_string(i));
  CHECK(door.limits.addresses() == 200);

  door.guests.clear();

  CHECK(door.limits.addresses() == 0);
  CHECK(door.limits.unauthenticated() == 0);
  CHECK(door.listener->open == 0);
}

TEST_CASE("who has no address is let in and counted alone") {
  ConnectionLimits limits{{.per_address = 1, .unauthenticated = 1}};

  const auto first = limits.let_in({}, nullptr, SteadyTime{});
  const auto second = limits.let_in({}, nullptr, SteadyTime{});

  CHECK((first && second));
  CHECK(limits.addresses() == 0);
  CHECK(limits.too_many_unauthenticated());
}

TEST_CASE("workers count together") {
  ConnectionLimits limits{{.per_address = 100}};
  std::atomic<int> in = 0;
  const auto knock = [&] {
    for (int round = 0; round < 200; ++round) {
      std::vector<std::unique_ptr<Guest>> guests;
      for (int i = 0; i < 20; ++i)
        if (auto guest = limits.let_in({*IpAddress::parse("192.0.2.1"), 1}, nullptr, SteadyTime{}))
          guests.push_back(std::move(*guest));
      in += static_cast<int>(guests.size());
      for (const auto& guest : guests) guest->logged_in();
    }
  };

  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) threads.emplace_back(knock);
  for (std::thread& thread : threads) thread.join();

  CHECK(in == 4 * 200 * 20);
  CHECK(limits.addresses() == 0);
  CHECK(limits.unauthenticated() == 0);
}
