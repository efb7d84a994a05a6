// SPDX-License-Identifier: Apache-2.0
#include "base/lru_cache.h"

#include <doctest/doctest.h>

#include <string>

using namespace meerkat;

TEST_CASE("a full cache gives up what was not used for longest") {
  LruCache<std::string, int> cache{2};
  cache.put("a", 1);
  cache.put("b", 2);
  REQUIRE(cache.find("a") != nullptr);

  cache.put("c", 3);

  CHECK(cache.find("b") == nullptr);
  CHECK(*cache.find("a") == 1);
  CHECK(*cache.find("c") == 3);
  CHECK(cache.size() == 2);
}

TEST_CASE("a value that is put again takes the place of the old one") {
  LruCache<std::string, int> cache{2};
  cache.put("a", 1);
  cache.put("b", 2);

  cache.put("a", 3);
  cache.put("c", 4);

  CHECK(*cache.find("a") == 3);
  CHECK(cache.find("b") == nullptr);
}

TEST_CASE("what was erased is not found, and its room is free") {
  LruCache<std::string, int> cache{1};
  cache.put("a", 1);

  cache.erase("a");
  cache.erase("b");

  CHECK(cache.find("a") == nullptr);
  CHECK(cache.size() == 0);
}
