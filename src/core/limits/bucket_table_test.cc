// SPDX-License-Identifier: Apache-2.0
#include "core/limits/bucket_table.h"

#include <doctest/doctest.h>

#include "base/random.h"

using namespace meerkat;
using namespace std::chrono_literals;

TEST_CASE("a bucket gives what it holds at once, and then one token at a time") {
  TurnableClock clock;
  const Pace pace{.interval = 10s, .burst = 3};
  Bucket bucket;

  for (int i = 0; i < 3; ++i) CHECK(bucket.take(pace, clock.steady()));
  CHECK(!bucket.take(pace, clock.steady()));
  CHECK(bucket.wait(pace, clock.steady()) == 10s);

  clock.advance(9s);
  CHECK(!bucket.take(pace, clock.steady()));
  clock.advance(1s);
  CHECK(bucket.take(pace, clock.steady()));
  CHECK(!bucket.take(pace, clock.steady()));
  CHECK(bucket.missing(pace, clock.steady()) == 3);

  clock.advance(1h);
  CHECK(bucket.missing(pace, clock.steady()) == 0);
  for (int i = 0; i < 3; ++i) CHECK(bucket.take(pace, clock.steady()));
  CHECK(!bucket.take(pace, clock.steady()));
}

TEST_CASE("a bucket goes into debt, but not for ever") {
  TurnableClock clock;
  const Pace pace{.interval = 10s, .burst = 2};
  Bucket bucket;

  for (int i = 0; i < 100; ++i) bucket.charge(pace, clock.steady());

  CHECK(bucket.wait(pace, clock.steady()) == 30s);
  bucket.give_back(pace);
  CHECK(bucket.wait(pace, clock.steady()) == 20s);
}

TEST_CASE("without an interval there is no limit") {
  Bucket bucket;
  for (int i = 0; i < 1000; ++i) CHECK(bucket.take(Pace{}, SteadyTime{}));
  CHECK(Pace::within(60, 1min) == Pace{.interval = 1s, .burst = 60});
}

TEST_CASE("buckets of different keys are filled apart") {
  TurnableClock clock;
  BucketTable table{{.interval = 10s, .burst = 1}};

  CHECK(table.take(1, clock.steady()));
  CHECK(!table.take(1, clock.steady()));
  CHECK(table.take(2, clock.steady()));
  // Keys of one line.
  CHECK(table.take(1 + BucketTable::most_buckets, clock.steady()));
  CHECK(table.wait(1, clock.steady()) == 10s);
  CHECK(table.missing(1, clock.steady()) == 1);
  CHECK(table.wait(3, clock.steady()) == 0s);

  table.give_back(1, clock.steady());
  CHECK(table.take(1, clock.steady()));
  table.forget(1);
  CHECK(table.take(1, clock.steady()));
}

TEST_CASE("a table that is overrun forgets the fullest buckets, and stays as large as it is") {
  TurnableClock clock;
  BucketTable table{{.interval = 1h, .burst = 10}};
  for (int i = 0; i < 10; ++i) table.take(7, clock.steady());

  for (std::size_t i = 0; i < 4 * BucketTable::most_buckets; ++i) table.take(random_u64(), clock.steady());

  CHECK(!table.take(7, clock.steady()));
}

TEST_CASE("a pace can change while it is in use") {
  TurnableClock clock;
  BucketTable table{{.interval = 10s, .burst = 1}};
  CHECK(table.take(1, clock.steady()));
  CHECK(!table.take(1, clock.steady()));

  table.change({.interval = 10s, .burst = 2});
  CHECK(table.take(1, clock.steady()));
  CHECK(!table.take(1, clock.steady()));

  table.change({});
  CHECK(table.take(1, clock.steady()));
}
