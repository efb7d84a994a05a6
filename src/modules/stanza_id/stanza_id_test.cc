// SPDX-License-Identifier: Apache-2.0
#include "modules/stanza_id/stanza_id.h"

#include <doctest/doctest.h>

#include "core/test_hall.h"

using namespace meerkat;

namespace {

std::string message(std::string_view type, std::string_view to, std::string_view content = "<body>hi</body>") {
  return "<message type='" + std::string{type} + "' to='" + std::string{to} + "'>" + std::string{content} +
         "</message>";
}

// Empty when there is none.
std::string stanza_id_in(const std::string& heard) {
  constexpr std::string_view begin = "<stanza-id xmlns='urn:xmpp:sid:0' id='";
  const std::size_t at = heard.find(begin);
  if (at == std::string::npos) return {};
  CHECK(heard.find(begin, at + 1) == std::string::npos);
  CHECK(contains(heard, "' by='bob@localhost'/></message>"));
  return heard.substr(at + begin.size(), heard.find('\'', at + begin.size()) - at - begin.size());
}

struct Scene {
  Scene() {
    REQUIRE(server.start(stanzaid_module()) == "");
    alice = &server.online("alice");
    phone = &server.online("bob", "phone");
  }
  TestServer server;
  TestClient *alice = nullptr, *phone = nullptr;
};

}  // namespace

TEST_CASE("all devices that get a message see the same id, and another message has another") {
  Scene scene;
  TestClient& laptop = scene.server.online("bob", "laptop");

  scene.alice->says(message("chat", "bob@localhost"));
  const std::string first = stanza_id_in(scene.phone->heard());
  CHECK(!first.empty());
  CHECK(stanza_id_in(laptop.heard()) == first);

  scene.alice->says(message("normal", "bob@localhost/phone"));
  const std::string second = stanza_id_in(scene.phone->heard());
  CHECK(!second.empty());
  CHECK(second != first);
}

TEST_CASE("the id stays when another device gets what a broken connection did not take") {
  Scene scene;
  scene.phone->connection_is_dead = true;
  scene.alice->says(message("chat", "bob@localhost"));
  const std::string first = stanza_id_in(scene.phone->heard());
  TestClient& laptop = scene.server.online("bob", "laptop");

  scene.phone->disconnects();

  CHECK(stanza_id_in(laptop.heard()) == first);
}

TEST_CASE("what is not kept has no id") {
  Scene scene;

  for (const std::string_view type : {"headline", "error", "groupchat"}) {
    scene.alice->says(message(type, "bob@localhost/phone"));
    CHECK(stanza_id_in(scene.phone->heard()) == "");
  }
}

TEST_CASE("the id that the sender's client gave stays as it is") {
  Scene scene;

  scene.alice->says(message("chat", "bob@localhost", "<body>hi</body><origin-id xmlns='urn:xmpp:sid:0' id='mine'/>"));

  CHECK(scene.phone->hears("<body>hi</body><origin-id xmlns='urn:xmpp:sid:0' id='mine'/><stanza-id "));
}
