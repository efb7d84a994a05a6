// SPDX-License-Identifier: Apache-2.0
#include "admin/bench/server_process.h"

#include <unistd.h>

#include <doctest/doctest.h>

using namespace meerkat::bench;

TEST_CASE("resident memory is read from the roll-up") {
  CHECK(resident_kb_in("00400000-7ffe [rollup]\nRss:               12345 kB\nPss: 1 kB\n") == 12345);
  CHECK_FALSE(resident_kb_in("nothing of the kind"));
}

TEST_CASE("a process sees its own memory, and nothing of one that is not there") {
  CHECK(ServerProcess{::getpid()}.readable());
  CHECK(ServerProcess{::getpid()}.resident().value_or(0) > 100'000);
  CHECK(ServerProcess{::getpid()}.cpu() >= own_cpu() / 2);
  CHECK_FALSE(ServerProcess{0}.readable());
  CHECK_FALSE(ServerProcess{(1 << 22) + 1}.readable());  // beyond all that Linux gives away
}
