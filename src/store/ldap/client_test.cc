// SPDX-License-Identifier: Apache-2.0
#include "store/ldap/client.h"

#include <doctest/doctest.h>

#include <chrono>

using namespace meerkat;
using namespace std::chrono_literals;

TEST_CASE("a directory of which nothing is asked is asked for a sign of life within a minute") {
  ldap::LdapPoolOptions options;
  options.pool.workers = 1;
  options.connection.servers = {"127.0.0.1"};
  options.connection.port = 1;
  ldap::Client client{"ldap.test", options};
  REQUIRE(client.pool().settings().keepalive_interval);
  CHECK(*client.pool().settings().keepalive_interval < 60s);
}
