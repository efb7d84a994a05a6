// SPDX-License-Identifier: Apache-2.0
#include "modules/register/registration_pace.h"

#include <cmath>

#include <doctest/doctest.h>

#include "modules/register/password_strength.h"

using namespace meerkat;
using namespace std::chrono_literals;

TEST_CASE("a turn that is being taken keeps others from the same place out") {
  RegistrationPace pace{10s};
  const SteadyTime now{};

  {
    const auto turn = pace.take_turn("192.0.2.1", now);
    REQUIRE(turn);
    CHECK(!pace.take_turn("192.0.2.1", now));
    CHECK(pace.take_turn("192.0.2.2", now));
  }

  CHECK(pace.take_turn("192.0.2.1", now));
}

TEST_CASE("unknown addresses are one place") {
  RegistrationPace pace{10s};
  auto turn = pace.take_turn("", SteadyTime{});
  REQUIRE(turn);
  turn->use_up();

  CHECK(!pace.take_turn("", SteadyTime{} + 9s));
  CHECK(pace.take_turn("", SteadyTime{} + 10s));
}

TEST_CASE("the table of places does not grow without bound") {
  RegistrationPace pace{1h};
  const auto place = [](std::size_t i) {
    return std::to_string(i / 65536 % 256) + "." + std::to_string(i / 256 % 256) + "." + std::to_string(i % 256) + ".1";
  };
  for (std::size_t i = 0; i <= RegistrationPace::most_places; ++i) {
    auto turn = pace.take_turn(place(i), SteadyTime{});
    REQUIRE(turn);
    turn->use_up();
  }

  CHECK(!pace.take_turn(place(RegistrationPace::most_places), SteadyTime{}));
  CHECK(pace.take_turn(place(0), SteadyTime{}));
}

TEST_CASE("entropy is the length times the logarithm of the alphabet in use") {
  CHECK(entropy_of("") == 0);
  CHECK(entropy_of("aaaa") == doctest::Approx(4 * std::log2(26)));
  CHECK(entropy_of("aB3$") == doctest::Approx(4 * std::log2(26 + 26 + 9 + 33)));
  CHECK(entropy_of("\xc3\xa4") == doctest::Approx(2 * std::log2(128)));
}
