// SPDX-License-Identifier: Apache-2.0
#include "modules/register/password_strength.h"

#include <cmath>

#include <doctest/doctest.h>

using namespace meerkat;

TEST_CASE("entropy is the length times the logarithm of the alphabet in use") {
  CHECK(entropy_of("") == 0);
  CHECK(entropy_of("aaaa") == doctest::Approx(4 * std::log2(26)));
  CHECK(entropy_of("aB3$") == doctest::Approx(4 * std::log2(26 + 26 + 9 + 33)));
  CHECK(entropy_of("\xc3\xa4") == doctest::Approx(2 * std::log2(128)));
}
