// SPDX-License-Identifier: Apache-2.0
#include "net/ip_address.h"

#include <doctest/doctest.h>

using namespace meerkat;

TEST_CASE("an address is the same however it is written") {
  CHECK(IpAddress::parse("192.0.2.1") == IpAddress::parse("::ffff:192.0.2.1"));
  CHECK(IpAddress::parse("2001:db8::1") == IpAddress::parse("2001:DB8:0:0:0:0:0:1"));
  CHECK(IpAddress::parse("::ffff:192.0.2.1")->text() == "192.0.2.1");
  CHECK(IpAddress::parse("2001:db8:0:0::1")->text() == "2001:db8::1");
  for (const char* const text : {"", "192.0.2", "192.0.2.256", "localhost", "2001:db8::1::2", "1.2.3.4 "})
    CHECK(!IpAddress::parse(text));
}

TEST_CASE("a prefix keeps the first bits of an address of its kind") {
  const auto prefix = [](std::string_view text, unsigned v4_bits, unsigned v6_bits) {
    return IpAddress::parse(text)->prefix(v4_bits, v6_bits).text();
  };

  CHECK(prefix("192.0.2.129", 32, 64) == "192.0.2.129");
  CHECK(prefix("192.0.2.129", 25, 64) == "192.0.2.128");
  CHECK(prefix("192.0.2.129", 0, 64) == "0.0.0.0");
  CHECK(prefix("2001:db8:1:2:3:4:5:6", 32, 64) == "2001:db8:1:2::");
  CHECK(prefix("2001:db8:1:2:3:4:5:6", 32, 44) == "2001:db8::");
  CHECK(prefix("2001:db8:1:2:3:4:5:6", 32, 128) == "2001:db8:1:2:3:4:5:6");
}

TEST_CASE("nobody's address has no text") {
  CHECK(!IpAddress{}.is_known());
  CHECK(IpAddress{}.text().empty());
  CHECK(!PeerAddress::of({}).ip.is_known());
}
