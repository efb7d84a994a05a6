// SPDX-License-Identifier: Apache-2.0
// One message, one entry: what a dying session had not taken is given to another, once.
#include <doctest/doctest.h>

#include "core/test_hall.h"

using namespace meerkat;

namespace {

constexpr std::string_view hi = "<message to='bob@localhost' type='chat' id='m'><body>hi</body></message>";
constexpr std::string_view hi_phone = "<message to='bob@localhost/phone' type='chat' id='m'><body>hi</body></message>";

std::size_t count(std::string_view text, std::string_view part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != std::string_view::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

}  // namespace

TEST_CASE("the number of an entry is written in base 32, as MongooseIM's archives have it") {
  CHECK(external_form(0) == "0");
  CHECK(external_form(31) == "V");
  CHECK(external_form(32) == "10");
  CHECK(external_form(UINT64_MAX) == "FVVVVVVVVVVVV");
}

TEST_CASE("a message whose session dies before its sign of life goes to another resource, once") {
  TestServer server;
  TestClient& alice = server.online("alice");
  TestClient& phone = server.online("bob", "phone", 5);
  TestClient& laptop = server.online("bob", "laptop", 1);
  alice.says(hi);
  REQUIRE(phone.hears("hi"));

  phone.disconnects();

  CHECK(count(laptop.heard(), "<body>hi</body>") == 1);
  CHECK(alice.heard().empty());
}

TEST_CASE("a message whose session gave a sign of life afterwards is not given back") {
  TestServer server;
  TestClient& alice = server.online("alice");
  TestClient& phone = server.online("bob", "phone", 5);
  TestClient& laptop = server.online("bob", "laptop", 1);
  alice.says(hi);
  phone.says("<iq type='result' id='x' to='localhost'/>");

  phone.disconnects();

  CHECK(!laptop.hears("<body>hi</body>"));
  CHECK(alice.heard().empty());
}

TEST_CASE("a sign of life says nothing about bytes that had not left yet") {
  TestServer server;
  TestClient& alice = server.online("alice");
  TestClient& phone = server.online("bob", "phone", 5);
  TestClient& laptop = server.online("bob", "laptop", 1);
  phone.connection_is_dead = true;
  alice.says(hi);
  phone.says("<iq type='result' id='x' to='localhost'/>");

  phone.disconnects();

  CHECK(laptop.hears("<body>hi</body>"));
}

TEST_CASE("a message that two devices hold stays with the one that lives") {
  TestServer server;
  TestClient& alice = server.online("alice");
  TestClient& phone = server.online("bob", "phone", 5);
  TestClient& laptop = server.online("bob", "laptop", 5);
  alice.says(hi);
  REQUIRE(laptop.hears("hi"));

  phone.disconnects();

  CHECK(!laptop.hears("<body>hi</body>"));
  CHECK(alice.heard().empty());
}

TEST_CASE("a message that two devices held and neither took comes back once both are gone") {
  TestServer server;
  TestClient& alice = server.online("alice");
  TestClient& phone = server.online("bob", "phone", 5);
  TestClient& laptop = server.online("bob", "laptop", 5);
  alice.says(hi);

  phone.disconnects();
  CHECK(alice.heard().empty());
  laptop.disconnects();

  CHECK(count(alice.heard(), "type='error'") == 1);
}

TEST_CASE("a message that one of two devices took is not refused when the other dies") {
  TestServer server;
  TestClient& alice = server.online("alice");
  TestClient& phone = server.online("bob", "phone", 5);
  TestClient& laptop = server.online("bob", "laptop", 5);
  alice.says(hi);
  laptop.says("<iq type='result' id='x' to='localhost'/>");
  laptop.disconnects();

  phone.disconnects();

  CHECK(alice.heard().empty());
}

TEST_CASE("a message that nobody else can take is refused, with the address it was sent to") {
  TestServer server;
  TestClient& alice = server.online("alice");
  TestClient& phone = server.online("bob");
  alice.says(hi_phone);

  phone.disconnects();

  const std::string heard = alice.heard();
  CHECK(contains(heard, "from='bob@localhost/phone'"));
  CHECK(contains(heard, "<service-unavailable"));
}

TEST_CASE("what is given back keeps its order") {
  TestServer server;
  TestClient& alice = server.online("alice");
  TestClient& phone = server.online("bob", "phone", 5);
  TestClient& laptop = server.online("bob", "laptop", 1);
  alice.says("<message to='bob@localhost' type='chat'><body>1</body></message>");
  alice.says("<message to='bob@localhost' type='chat'><body>2</body></message>");

  phone.disconnects();

  const std::string heard = laptop.heard();
  CHECK(heard.find("<body>1</body>") < heard.find("<body>2</body>"));
  CHECK(contains(heard, "<body>2</body>"));
}

TEST_CASE("errors, headlines and presence are lost with their connection") {
  TestServer server;
  TestClient& alice = server.online("alice");
  TestClient& phone = server.online("bob", "phone", 5);
  TestClient& laptop = server.online("bob", "laptop", -1);
  alice.says("<message to='bob@localhost/phone' type='error'><body>hi</body></message>");
  alice.says("<message to='bob@localhost/phone' type='headline'><body>hi</body></message>");

  phone.disconnects();

  CHECK(!laptop.hears("hi"));
  CHECK(alice.heard().empty());
}

TEST_CASE("a session remembers a bounded number of messages") {
  TestServer server;
  TestClient& alice = server.online("alice");
  TestClient& phone = server.online("bob");

  for (std::size_t i = 0; i < InFlight::many + 10; ++i) alice.says(hi);

  CHECK(phone.session->in_flight.size() <= InFlight::many + 1);
}

TEST_CASE("ids of entries rise, even while the clock stands still") {
  TurnableClock clock;
  DeliveryLog log{clock};
  const auto stanza = [] { return make_stanza(StanzaKind::message, StanzaType::chat, {}, {}, {}, "<body/>"); };

  const EntryRef first = log.add(stanza());
  const EntryRef second = log.add(stanza());

  CHECK(first->id < second->id);
  CHECK((second->id & 0xff) == 0);
}
