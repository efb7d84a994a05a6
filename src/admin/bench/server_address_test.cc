// SPDX-License-Identifier: Apache-2.0
#include "admin/bench/server_address.h"

#include <doctest/doctest.h>

using namespace meerkat::bench;

TEST_CASE("only addresses of this machine are loopback") {
  for (const char* own : {"127.0.0.1:5222", "127.3.2.1:1", "[::1]:5222", "[::ffff:127.0.0.1]:5222"}) {
    CAPTURE(own);
    CHECK(ServerAddress::parse(own).value().is_loopback());
  }
  for (const char* foreign : {"192.0.2.1:5222", "128.0.0.1:5222", "[2001:db8::1]:5222", "[::ffff:192.0.2.1]:5222"}) {
    CAPTURE(foreign);
    CHECK_FALSE(ServerAddress::parse(foreign).value().is_loopback());
  }
}

TEST_CASE("an address without a port is refused in words") {
  for (const char* text : {"", "127.0.0.1", ":5222", "127.0.0.1:", "127.0.0.1:xmpp-client"}) {
    CAPTURE(text);
    CHECK_FALSE(ServerAddress::parse(text).has_value());
  }
}

TEST_CASE("clients of a loopback server come from several addresses, others from their own") {
  const auto local = ServerAddress::parse("127.0.0.1:5222").value();

  CHECK(local.source_for(0)->sin_addr.s_addr != local.source_for(1)->sin_addr.s_addr);
  CHECK_FALSE(ServerAddress::parse("[::1]:5222")->source_for(0));
  CHECK_FALSE(ServerAddress::parse("192.0.2.1:5222")->source_for(0));
}
