// SPDX-License-Identifier: Apache-2.0
#include "modules/caps/known_features.h"

#include <doctest/doctest.h>

using namespace meerkat;

namespace {

std::shared_ptr<const ClientFeatures> client(int number, std::size_t size = 1) {
  return std::make_shared<const ClientFeatures>(std::to_string(number),
                                                std::vector<std::string>{std::string(size, 'a')});
}

}  // namespace

TEST_CASE("the features behind a hash are found again") {
  KnownFeatures known;
  known.add(client(1));

  CHECK(known.find("1")->has("a"));
  CHECK(known.find("2") == nullptr);
}

TEST_CASE("who makes up clients does not drive out those that are in use") {
  KnownFeatures known;
  known.add(client(0));
  for (int i = 1; i < 5000; ++i) {
    known.add(client(i));
    REQUIRE(known.find("0") != nullptr);
  }

  CHECK(known.size() == KnownFeatures::most);
  CHECK(known.find("1") == nullptr);
  CHECK(known.find("4999") != nullptr);
}

TEST_CASE("large answers take the room of many") {
  KnownFeatures known;
  for (int i = 0; i < 100; ++i) known.add(client(i, 256 * 1024));

  CHECK(known.size() < 33);
  CHECK(known.find("99") != nullptr);
}
