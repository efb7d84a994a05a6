// SPDX-License-Identifier: Apache-2.0
#include "modules/time/time.h"

#include <cstdlib>
#include <ctime>

#include <doctest/doctest.h>

#include "core/test_hall.h"
#include "xmpp/date_time.h"

using namespace meerkat;

namespace {

// The zone of this process while it lives.
struct Zone {
  explicit Zone(const char* name) {
    ::setenv("TZ", name, 1);
    ::tzset();
  }
  ~Zone() {
    ::unsetenv("TZ");
    ::tzset();
  }
};

std::string told_in(const char* zone) {
  const Zone here{zone};
  TestServer server;
  REQUIRE(server.start(time_module()) == "");
  TestClient& alice = server.online("alice");
  server.passes(std::chrono::hours{26});
  alice.says("<iq type='get' id='1' to='localhost'><time xmlns='urn:xmpp:time'/></iq>");
  const std::string heard = alice.heard();
  CHECK(contains(heard, "<utc>" + date_time(server.clock.wall()) + "</utc>"));
  return heard;
}

}  // namespace

TEST_CASE("the server tells the time in UTC, and how far from it its own zone is") {
  CHECK(contains(told_in("UTC0"), "<time xmlns='urn:xmpp:time'><tzo>+00:00</tzo>"));
  CHECK(contains(told_in("IST-5:30"), "<tzo>+05:30</tzo>"));
  CHECK(contains(told_in("NST3:30"), "<tzo>-03:30</tzo>"));
}
