// SPDX-License-Identifier: Apache-2.0
#include "modules/carbons/carbons.h"

#include <doctest/doctest.h>

#include "core/test_hall.h"

namespace meerkat {
namespace {

constexpr std::string_view enable = "<iq type='set' id='e'><enable xmlns='urn:xmpp:carbons:2'/></iq>";
constexpr std::string_view disable = "<iq type='set' id='d'><disable xmlns='urn:xmpp:carbons:2'/></iq>";

// Bob with a phone and a desk, Alice with one device; both of Bob's want carbons.
struct Household {
  Household() {
    REQUIRE(server.start(carboncopy_module()).empty());
    for (TestClient* const device : {&phone, &desk}) device->says(enable);
    forget();
  }
  void forget() {
    for (TestClient* const device : {&alice, &phone, &desk}) device->heard();
  }
  std::string message(std::string_view to, std::string_view type, std::string_view content) {
    std::string text = "<message to='";
    text.append(to).append("' type='").append(type).append("' id='m'>").append(content).append("</message>");
    return text;
  }

  TestServer server;
  TestClient& alice = server.online("alice");
  TestClient& phone = server.online("bob", "phone", 5);
  TestClient& desk = server.online("bob", "desk", 1);
};

bool is_copy(const std::string& heard, std::string_view direction) {
  return contains(heard, "<" + std::string{direction} + " xmlns='urn:xmpp:carbons:2'><forwarded");
}

}  // namespace

TEST_CASE("a device that wants carbons sees what another device of the account gets (XEP-0280 §7)") {
  Household house;
  house.alice.says(house.message("bob@localhost/phone", "chat", "<body>hello</body>"));

  const std::string original = house.phone.heard();
  CHECK(contains(original, "<body>hello</body>"));
  CHECK_FALSE(contains(original, "carbons"));
  const std::string copy = house.desk.heard();
  CHECK(is_copy(copy, "received"));
  CHECK(contains(copy, "<message from='bob@localhost' to='bob@localhost/desk' type='chat'>"));
  CHECK(contains(copy, "from='alice@localhost/phone' to='bob@localhost/phone'"));
}

TEST_CASE("of a message to the bare address only the devices that were passed by get copies (XEP-0280 §7)") {
  Household house;
  house.alice.says(house.message("bob@localhost", "chat", "<body>hello</body>"));
  CHECK_FALSE(contains(house.phone.heard(), "carbons"));
  CHECK(is_copy(house.desk.heard(), "received"));
}

TEST_CASE("a device that wants carbons sees what another device of the account sends (XEP-0280 §8)") {
  Household house;
  house.phone.says(house.message("alice@localhost", "chat", "<body>hello</body>"));

  CHECK(house.alice.hears("<body>hello</body>"));
  CHECK(is_copy(house.desk.heard(), "sent"));
  CHECK(house.phone.heard().empty());
}

TEST_CASE("who has not asked for carbons, or asked for no more, gets none (XEP-0280 §4, §5)") {
  Household house;
  house.desk.says(disable);
  CHECK(house.desk.hears("type='result'"));
  house.desk.says(disable);
  CHECK(house.desk.hears("type='result'"));

  house.phone.says(house.message("alice@localhost", "chat", "<body>hello</body>"));
  house.alice.says(house.message("bob@localhost/phone", "chat", "<body>hello</body>"));
  CHECK(house.desk.heard().empty());

  house.desk.says(enable);
  house.desk.says(enable);
  house.desk.heard();
  house.phone.says(house.message("alice@localhost", "chat", "<body>hello</body>"));
  CHECK(is_copy(house.desk.heard(), "sent"));
}

TEST_CASE("nobody enables carbons for somebody else (XEP-0280 §4.1)") {
  Household house;
  house.alice.says("<iq type='set' id='e' to='bob@localhost'><enable xmlns='urn:xmpp:carbons:2'/></iq>");
  CHECK(house.alice.hears("service-unavailable"));
}

TEST_CASE("a message to another device of the same account comes to every device once") {
  Household house;
  TestClient& tablet = house.server.online("bob", "tablet", 0);
  tablet.says(enable);
  tablet.heard();
  house.forget();

  house.phone.says(house.message("bob@localhost/desk", "chat", "<body>note</body>"));

  CHECK_FALSE(contains(house.desk.heard(), "carbons"));
  const std::string copy = tablet.heard();
  CHECK(is_copy(copy, "received"));
  CHECK_FALSE(contains(copy, "<sent"));
  CHECK(house.phone.heard().empty());
}

TEST_CASE("what is eligible for carbons is what XEP-0280 §6.1 says") {
  Household house;
  struct Case {
    std::string_view type, content;
    bool copied;
  };
  constexpr Case cases[] = {
      {"chat", "<body>x</body>", true},
      {"chat", "<composing xmlns='http://jabber.org/protocol/chatstates'/>", true},
      {"normal", "<body>x</body>", true},
      {"normal", "<subject>x</subject>", false},
      {"normal", "<received xmlns='urn:xmpp:receipts' id='1'/>", true},
      {"normal", "<displayed xmlns='urn:xmpp:chat-markers:0' id='1'/>", true},
      {"normal", "<x xmlns='jabber:x:conference' jid='room@muc.localhost'/>", true},
      {"normal", "<x xmlns='http://jabber.org/protocol/muc#user'><invite to='a@b'/></x>", true},
      {"chat", "<body>x</body><x xmlns='http://jabber.org/protocol/muc#user'/>", false},
      {"chat", "<body>x</body><private xmlns='urn:xmpp:carbons:2'/>", false},
      {"chat", "<body>x</body><no-copy xmlns='urn:xmpp:hints'/>", false},
      {"headline", "<body>x</body>", false},
      {"groupchat", "<body>x</body>", false},
      {"error", "<body>x</body><error type='cancel'/>", true},
  };
  for (const Case& each : cases) {
    CAPTURE(each.type);
    CAPTURE(each.content);
    house.alice.says(house.message("bob@localhost/phone", each.type, each.content));
    CHECK(is_copy(house.desk.heard(), "received") == each.copied);
    house.forget();
  }
}

TEST_CASE("a private message to somebody in a room is shown to the own devices (XEP-0280 §6.1)") {
  Household house;
  house.phone.says(
      house.message("alice@localhost/phone", "chat", "<body>x</body><x xmlns='http://jabber.org/protocol/muc#user'/>"));
  CHECK(is_copy(house.desk.heard(), "sent"));
}

TEST_CASE("a forged carbon is not copied to the other devices") {
  Household house;
  house.alice.says(house.message(
      "bob@localhost/phone", "chat",
      "<received xmlns='urn:xmpp:carbons:2'><forwarded xmlns='urn:xmpp:forward:0'><message xmlns='jabber:client' "
      "from='boss@localhost' to='bob@localhost/phone'><body>you are fired</body></message></forwarded></received>"));
  CHECK(house.phone.hears("from='alice@localhost/phone'"));
  CHECK(house.desk.heard().empty());
}

}  // namespace meerkat
