// SPDX-License-Identifier: Apache-2.0
#include "core/limits/login_throttle.h"

#include <doctest/doctest.h>

#include <string>

using namespace meerkat;
using namespace std::chrono_literals;

namespace {

using Verdict = LoginThrottle::Verdict;

struct House {
  explicit House(const LoginRules& rules) : throttle(rules) {}

  LoginThrottle::Attempt attempt(std::string_view from, std::string_view account) const {
    return throttle.attempt(*IpAddress::parse(from), account);
  }
  LoginThrottle::Answer ask(std::string_view from, std::string_view account) const {
    return throttle.ask(attempt(from, account), clock.steady());
  }
  void fails(std::string_view from, std::string_view account, int times = 1) {
    for (int i = 0; i < times; ++i) throttle.failed(attempt(from, account), clock.steady());
  }
  void succeeds(std::string_view from, std::string_view account) {
    throttle.succeeded(attempt(from, account), clock.steady());
  }

  TurnableClock clock;
  LoginThrottle throttle;
};

}  // namespace

TEST_CASE("guesses at one account from one address become slow, and then are refused until time has passed") {
  House house{{.per_account_and_address = 10}};
  house.fails("192.0.2.1", "alice", 5);
  CHECK(house.ask("192.0.2.1", "alice").wait == 0ms);

  house.fails("192.0.2.1", "alice");
  CHECK(house.ask("192.0.2.1", "alice").verdict == Verdict::go);
  CHECK(house.ask("192.0.2.1", "alice").wait == 1s);

  house.fails("192.0.2.1", "alice", 4);
  CHECK(house.ask("192.0.2.1", "alice").verdict == Verdict::account_refused);
  CHECK(house.ask("192.0.2.1", "alice").wait == 1min);

  CHECK(house.ask("192.0.2.2", "alice").verdict == Verdict::go);
  CHECK(house.ask("192.0.2.1", "bob").verdict == Verdict::go);
  house.clock.advance(1min);
  CHECK(house.ask("192.0.2.1", "alice").verdict == Verdict::go);
}

TEST_CASE("an address that guesses at many accounts is refused, its regular users are not") {
  House house{{.per_address = 10}};
  house.succeeds("192.0.2.1", "neighbour");
  for (int i = 0; i < 10; ++i) house.fails("192.0.2.1", "victim" + std::to_string(i));

  CHECK(house.ask("192.0.2.1", "anybody").verdict == Verdict::address_refused);
  CHECK(house.ask("192.0.2.1", "neighbour").verdict == Verdict::go);
  CHECK(house.ask("192.0.2.2", "anybody").verdict == Verdict::go);
}

TEST_CASE("a regular user's name does not let others guess at it") {
  House house{{.per_address = 10, .per_account_and_address = 5}};
  house.succeeds("192.0.2.1", "alice");

  house.fails("192.0.2.1", "alice", 5);

  CHECK(house.ask("192.0.2.1", "alice").verdict == Verdict::account_refused);
}

TEST_CASE("an account that is attacked from everywhere answers slowly, and never locks its owner out") {
  House house{{.per_account_and_address = 10, .per_account = 20}};
  house.succeeds("198.51.100.1", "alice");
  for (int i = 0; i < 40; ++i) house.fails("192.0.2." + std::to_string(i), "alice");

  CHECK(house.ask("203.0.113.1", "alice").verdict == Verdict::go);
  CHECK(house.ask("203.0.113.1", "alice").wait == 2s);
  CHECK(house.ask("198.51.100.1", "alice").verdict == Verdict::go);
  CHECK(house.ask("198.51.100.1", "alice").wait == 0ms);
  CHECK(house.ask("203.0.113.1", "bob").wait == 0ms);
}

TEST_CASE("who remembers the password at last starts anew") {
  House house{{.per_account_and_address = 10}};
  house.fails("192.0.2.1", "alice", 9);

  house.succeeds("192.0.2.1", "alice");

  CHECK(house.ask("192.0.2.1", "alice").wait == 0ms);
}

TEST_CASE("what succeeds does not pay for what fails") {
  House house{{.per_address = 10}};
  for (int i = 0; i < 10; ++i) {
    house.fails("192.0.2.1", "victim");
    house.succeeds("192.0.2.1", "accomplice");
  }

  CHECK(house.ask("192.0.2.1", "victim").verdict == Verdict::address_refused);
}

TEST_CASE("a month after his last login a user is a stranger again") {
  House house{{.per_account = 10}};
  house.succeeds("192.0.2.1", "alice");
  house.clock.advance(std::chrono::days{31});

  house.fails("198.51.100.1", "alice", 10);

  CHECK(house.ask("192.0.2.1", "alice").wait == 2s);
}

TEST_CASE("without rules nothing is refused") {
  House house{{}};
  house.fails("192.0.2.1", "alice", 10'000);

  CHECK(house.ask("192.0.2.1", "alice").verdict == Verdict::go);
  CHECK(house.ask("192.0.2.1", "alice").wait == 0ms);
}
