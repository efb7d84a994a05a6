// SPDX-License-Identifier: Apache-2.0
#include "admin/bench/arrivals.h"

#include <doctest/doctest.h>

using namespace meerkat::bench;

TEST_CASE("messages in order are counted once each") {
  Arrivals arrivals;
  for (std::uint32_t i = 0; i < 1000; ++i) CHECK(arrivals.add(i));

  CHECK(arrivals.count() == 1000);
  CHECK_FALSE(arrivals.add(0));
  CHECK_FALSE(arrivals.add(999));
  CHECK(arrivals.count() == 1000);
}

TEST_CASE("messages out of order are neither lost nor doubled") {
  Arrivals arrivals;
  for (const std::uint32_t number : {3u, 1u, 0u, 4u, 2u}) CHECK(arrivals.add(number));

  CHECK(arrivals.count() == 5);
  CHECK(arrivals.add(5));
  CHECK(arrivals.count() == 6);
}

TEST_CASE("a gap stays a loss, and what is beyond it can be doubled") {
  Arrivals arrivals;
  CHECK(arrivals.add(0));
  CHECK(arrivals.add(2));
  CHECK_FALSE(arrivals.add(2));

  CHECK(arrivals.count() == 2);
}
