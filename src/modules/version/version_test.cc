// SPDX-License-Identifier: Apache-2.0
#include "modules/version/version.h"

#include <doctest/doctest.h>

#include "base/version.h"
#include "core/test_hall.h"

using namespace meerkat;

namespace {
constexpr std::string_view question = "<iq type='get' id='1' to='localhost'><query xmlns='jabber:iq:version'/></iq>";
}

TEST_CASE("the server tells its name and version, and keeps its operating system to itself") {
  TestServer server;
  REQUIRE(server.start(version_module()) == "");
  TestClient& alice = server.online("alice");

  alice.says(question);

  CHECK(alice.heard() ==
        "<iq from='localhost' to='alice@localhost/phone' type='result' id='1'><query xmlns='jabber:iq:version'>"
        "<name>Meerkat</name><version>" +
            std::string{product_version} + "</version></query></iq>");
}

TEST_CASE("the operating system is told when the operator wishes it") {
  TestServer server;
  REQUIRE(server.start(version_module(), "os_info = true") == "");
  TestClient& alice = server.online("alice");

  alice.says(question);

  CHECK(alice.hears("<os>Linux"));
}
