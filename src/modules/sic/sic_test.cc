// SPDX-License-Identifier: Apache-2.0
#include "modules/sic/sic.h"

#include <doctest/doctest.h>

#include "core/test_hall.h"

using namespace meerkat;

namespace {

std::string ask(std::string_view to, std::string_view type = "get") {
  return "<iq type='" + std::string{type} + "' id='1' to='" + std::string{to} +
         "'><address xmlns='urn:xmpp:sic:1'/></iq>";
}

struct Scene {
  Scene() {
    REQUIRE(server.start(sic_module()) == "");
    alice = &server.online("alice");
    alice->comes_from = {.peer = "192.0.2.7", .security = {}, .port = 12345};
  }
  TestServer server;
  TestClient* alice = nullptr;
};

}  // namespace

TEST_CASE("a client hears from its server and its account where it comes from") {
  Scene scene;

  for (const std::string_view to : {"localhost", "alice@localhost"}) {
    scene.alice->says(ask(to));
    CHECK(scene.alice->hears("<address xmlns='urn:xmpp:sic:1'><ip>192.0.2.7</ip><port>12345</port></address>"));
  }
}

TEST_CASE("a client of which no address is known is told so") {
  Scene scene;
  scene.alice->comes_from = {};

  scene.alice->says(ask("localhost"));

  CHECK(scene.alice->hears("<item-not-found"));
}

TEST_CASE("nobody hears where somebody else comes from, nor whether there is such an account") {
  Scene scene;
  TestClient& bob = scene.server.online("bob");
  bob.comes_from.peer = "198.51.100.1";

  for (const std::string_view type : {"get", "set"}) {
    std::vector<std::string> answers;
    for (const std::string_view name : {"bob", "eve"}) {
      scene.alice->says(ask(std::string{name} + "@localhost", type));
      std::string heard = scene.alice->heard();
      CHECK(contains(heard, "<forbidden"));
      heard.replace(heard.find(name), name.size(), "x");
      answers.push_back(heard);
    }
    CHECK(answers[0] == answers[1]);
  }
}

TEST_CASE("an address cannot be set, and other questions of its namespace are mistakes") {
  Scene scene;

  scene.alice->says(ask("localhost", "set"));
  CHECK(scene.alice->hears("<not-allowed"));
  scene.alice->says("<iq type='get' id='1' to='localhost'><port xmlns='urn:xmpp:sic:1'/></iq>");
  CHECK(scene.alice->hears("<bad-request"));
}
