// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "core/shaper.h"

using namespace meerkat;
using namespace std::chrono_literals;

namespace {

struct Bucket {
  explicit Bucket(std::uint64_t rate) : tokens(rate, clock.steady()) {}
  std::uint64_t left() { return tokens.left(clock.steady()); }
  void take(std::uint64_t count) { tokens.take(count, clock.steady()); }
  std::chrono::nanoseconds until(std::uint64_t count) { return tokens.until(count, clock.steady()); }
  TurnableClock clock;
  TokenBucket tokens;
};

}  // namespace

TEST_CASE("a bucket holds what one second brings, and no more") {
  Bucket bucket{1000};
  CHECK(bucket.left() == 1000);

  bucket.clock.advance(1h);

  CHECK(bucket.left() == 1000);
}

TEST_CASE("what is taken comes back at the rate") {
  Bucket bucket{1000};
  bucket.take(1000);
  CHECK(bucket.left() == 0);
  CHECK(bucket.until(1) == 1ms);

  bucket.clock.advance(250ms);

  CHECK(bucket.left() == 250);
  CHECK(bucket.until(250) == 0ns);
  CHECK(bucket.until(500) == 250ms);
}

TEST_CASE("a debt is waited for") {
  Bucket bucket{1000};
  bucket.take(6000);
  CHECK(bucket.until(1) == 5s + 1ms);

  bucket.clock.advance(5s);

  CHECK(bucket.left() == 0);
  CHECK(bucket.until(1) == 1ms);
}

TEST_CASE("small rates are exact, however often is asked") {
  Bucket bucket{1};
  bucket.take(1);
  for (int i = 0; i < 999; ++i) {
    bucket.clock.advance(1ms);
    CHECK(!bucket.tokens.try_take(bucket.clock.steady()));
  }
  bucket.clock.advance(1ms);

  CHECK(bucket.tokens.try_take(bucket.clock.steady()));
  CHECK(!bucket.tokens.try_take(bucket.clock.steady()));
}

TEST_CASE("more than a second's worth is waited for as a second's worth") {
  Bucket bucket{10};
  CHECK(bucket.until(1'000'000) == 0ns);
}

TEST_CASE("a new rate holds from now on, and a debt stays") {
  Bucket bucket{1000};
  bucket.take(2000);

  bucket.tokens.set_rate(100, bucket.clock.steady());

  CHECK(bucket.until(1) == 10s + 10ms);
}

TEST_CASE("the largest rates and amounts do not overflow") {
  Bucket bucket{UINT64_MAX};
  bucket.take(UINT64_MAX);
  bucket.clock.advance(1h);
  CHECK(bucket.left() == UINT64_MAX);

  Bucket slow{1};
  slow.take(UINT64_MAX);
  CHECK(slow.until(1) == 24h);
}
