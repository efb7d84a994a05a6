// SPDX-License-Identifier: Apache-2.0
#include "modules/roster/roster_cache.h"

#include <doctest/doctest.h>

using namespace meerkat;
using namespace std::chrono_literals;

namespace {

Jid user(int number) { return *Jid::make("user" + std::to_string(number), "localhost"); }

RosterState roster(std::size_t bytes = 0) {
  return {std::make_shared<const ContactList>(
              std::vector{Contact{.jid = *Jid::parse("bob@localhost"), .name = std::string(bytes, 'x')}}),
          "v1"};
}

const SteadyTime start{};

}  // namespace

TEST_CASE("a roster that nobody asked for in a minute is dropped, and one that somebody did stays") {
  RosterCache cache;
  cache.put(user(1), roster(), start);
  cache.put(user(2), roster(), start);
  REQUIRE(cache.find(user(1), start + 59s) != nullptr);

  cache.drop_idle(start + 60s);

  CHECK(cache.find(user(1), start + 60s) != nullptr);
  CHECK(cache.find(user(2), start + 60s) == nullptr);
}

TEST_CASE("a cache without rosters takes no bytes") {
  RosterCache cache;
  for (int i = 0; i < 100; ++i) cache.put(user(i), roster(), start);

  cache.drop_idle(start + 61s);

  CHECK(cache.empty());
  CHECK(cache.bytes() == 0);
}

TEST_CASE("the cache never takes more than its bytes, and forgets what was used longest ago") {
  RosterCache cache;
  constexpr std::size_t large = 60'000;
  for (int i = 0; i < 1000; ++i) {
    cache.put(user(i), roster(large), start);
    CHECK(cache.find(user(0), start) != nullptr);
    CHECK(cache.bytes() <= RosterCache::most_bytes);
  }

  CHECK(cache.find(user(999), start) != nullptr);
  CHECK(cache.find(user(1), start) == nullptr);
}

TEST_CASE("a roster that is put again replaces the old one") {
  RosterCache cache;
  cache.put(user(1), roster(1000), start);
  cache.put(user(1), {std::make_shared<const ContactList>(), "v2"}, start);

  CHECK(cache.find(user(1), start)->version == "v2");
  CHECK(cache.bytes() < 1000);
}
