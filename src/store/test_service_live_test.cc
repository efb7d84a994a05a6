// SPDX-License-Identifier: Apache-2.0
#include "store/test_service.h"

using namespace meerkat;

TEST_CASE("a service of the tests starts, obeys and ends") {
  LiveService redis{"redis"};
  if (!redis.is_there()) return;
  CHECK(redis.port() != 0);
  redis.tell("kill");
  redis.tell("start");
}
