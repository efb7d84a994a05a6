// SPDX-License-Identifier: Apache-2.0
#include "admin/bench/neighbourhood.h"

#include <set>

#include <doctest/doctest.h>

using namespace meerkat::bench;

TEST_CASE("every visitor has his contacts, and exactly so many of them are online") {
  for (const std::uint32_t users : {1u, 7u, 200u, 333u}) {
    const Neighbourhood place{BenchOptions{.those_measured = users, .entries = 50, .online = 10}};
    for (std::uint32_t visitor = 0; visitor < users; ++visitor) {
      std::set<std::uint32_t> contacts;
      std::uint32_t residents = 0;
      for (std::uint32_t i = 0; i < 50; ++i) {
        const std::uint32_t contact = place.contact(visitor, i);
        CHECK(contact >= place.visitors());
        CHECK(contact < place.accounts());
        contacts.insert(contact);
        residents += contact < place.visitors() + place.residents() ? 1 : 0;
      }
      CHECK(contacts.size() == 50);
      CHECK(residents == 10);
    }
  }
}

TEST_CASE("without contacts there are visitors only") {
  const Neighbourhood place{BenchOptions{.those_measured = 9, .entries = 0}};

  CHECK(place.accounts() == 9);
  CHECK(place.residents() == 0);
}
