// SPDX-License-Identifier: Apache-2.0
#include "modules/vcard/vcard.h"

#include <doctest/doctest.h>

#include "core/events/account_events.h"
#include "core/test_hall.h"

using namespace meerkat;

namespace {

struct Scene {
  explicit Scene(std::string_view options = {}) { REQUIRE(server.start(vcard_module(), options) == ""); }

  std::string asks(TestClient& who, std::string_view to, std::string_view content = "<vCard xmlns='vcard-temp'/>") {
    who.says("<iq type='get' id='1' to='" + std::string{to} + "'>" + std::string{content} + "</iq>");
    return who.heard();
  }
  std::string sets(TestClient& who, std::string_view content, std::string_view to = {}) {
    std::string text = "<iq type='set' id='1'";
    if (!to.empty()) text += " to='" + std::string{to} + "'";
    who.says(text + "><vCard xmlns='vcard-temp'>" + std::string{content} + "</vCard></iq>");
    return who.heard();
  }
  void removes(const Jid& user) {
    Hall& home = server.home_of(user);
    home.worker.adopt_thread();
    home.fire(AccountRemoved{TestServer::host(home), user});
    server.turn();
  }

  TestServer server;
};

// The image "hello": its base64 and its SHA-1.
constexpr std::string_view photo = "<PHOTO><TYPE>image/png</TYPE><BINVAL>\n aGVs\nbG8= </BINVAL></PHOTO>";
constexpr std::string_view hash = "aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d";

std::string update(std::string_view digits) {
  return "<x xmlns='vcard-temp:x:update'><photo>" + std::string{digits} + "</photo></x>";
}

}  // namespace

TEST_CASE("what a user tells of themselves can be seen by themselves and by everybody else") {
  Scene scene;
  TestClient& alice = scene.server.login("alice");
  TestClient& bob = scene.server.login("bob");
  CHECK(contains(scene.sets(alice, "<FN>Alice &amp; Co</FN>"), "type='result'"));

  constexpr std::string_view card = "<vCard xmlns='vcard-temp'><FN>Alice &amp; Co</FN></vCard>";
  CHECK(contains(scene.asks(alice, "alice@localhost"), card));
  const std::string heard = scene.asks(bob, "alice@localhost");
  CHECK(contains(heard, card));
  CHECK(contains(heard, "from='alice@localhost' to='bob@localhost/phone'"));
}

TEST_CASE("a vCard that is set takes the place of the one before") {
  Scene scene;
  TestClient& alice = scene.server.login("alice");
  scene.sets(alice, "<FN>Alice</FN><URL>https://example.org</URL>");

  scene.sets(alice, "<FN>Lewis</FN>");

  CHECK(contains(scene.asks(alice, "alice@localhost"), "<vCard xmlns='vcard-temp'><FN>Lewis</FN></vCard>"));
}

TEST_CASE("a vCard is asked for with one query") {
  Scene scene;
  TestClient& alice = scene.server.login("alice");
  TestClient& bob = scene.server.login("bob");
  scene.sets(alice, "<FN>Alice</FN>");
  scene.server.database.reads = 0;
  scene.server.accounts.broken = true;  // nor is anybody else asked

  CHECK(contains(scene.asks(bob, "alice@localhost"), "<FN>Alice</FN>"));

  CHECK(scene.server.database.reads == 1);
}

TEST_CASE("one's own vCard that was never set is not found; others hear the same as of no account") {
  Scene scene;
  TestClient& alice = scene.server.login("alice");
  scene.server.login("bob");

  CHECK(contains(scene.asks(alice, "alice@localhost"), "<item-not-found"));
  const std::string of_bob = scene.asks(alice, "bob@localhost");
  std::string of_nobody = scene.asks(alice, "xxx@localhost");
  CHECK(contains(of_bob, "<service-unavailable"));
  of_nobody.replace(of_nobody.find("xxx"), 3, "bob");
  CHECK(of_bob == of_nobody);
}

TEST_CASE("nobody sets the vCard of somebody else or of the server, nor learns whether there is such an account") {
  Scene scene;
  TestClient& alice = scene.server.login("alice");
  TestClient& eve = scene.server.login("eve");
  scene.sets(alice, "<FN>Alice</FN>");

  const std::string of_alice = scene.sets(eve, "<FN>Eve</FN>", "alice@localhost");
  std::string of_nobody = scene.sets(eve, "<FN>Eve</FN>", "nobody@localhost");
  CHECK(contains(of_alice, "<not-allowed"));
  of_nobody.replace(of_nobody.find("nobody"), 6, "alice");
  CHECK(of_alice == of_nobody);
  CHECK(contains(scene.sets(eve, "<FN>Eve</FN>", "localhost"), "<not-allowed"));
  CHECK(contains(scene.asks(alice, "alice@localhost"), "<FN>Alice</FN>"));
}

TEST_CASE("the server has a vCard") {
  Scene scene;

  CHECK(contains(scene.asks(scene.server.login("alice"), "localhost"), "<FN>Meerkat</FN>"));
}

TEST_CASE("a vCard that is too large, or that says what cannot be, is refused") {
  Scene scene{"max_size = 3000"};
  TestClient& alice = scene.server.login("alice");

  CHECK(contains(scene.sets(alice, "<DESC>" + std::string(3000, 'x') + "</DESC>"), "<policy-violation"));
  const std::string too_long = scene.sets(alice, "<N><FAMILY>" + std::string(1001, 'x') + "</FAMILY></N>");
  CHECK(contains(too_long, "<bad-request"));
  CHECK(contains(too_long, "Invalid input for vcard field FAMILY"));
  CHECK(contains(scene.sets(alice, "<PHOTO><BINVAL>no base64!</BINVAL></PHOTO>"), "<bad-request"));
  CHECK(contains(scene.asks(alice, "alice@localhost", "<card xmlns='vcard-temp'/>"), "<bad-request"));
  CHECK(contains(scene.asks(alice, "alice@localhost"), "<item-not-found"));
}

TEST_CASE("what a removed account told is gone") {
  Scene scene;
  TestClient& alice = scene.server.login("alice");
  scene.sets(alice, "<FN>Alice</FN>" + std::string{photo});
  scene.removes(alice.session->jid.bare());

  CHECK(contains(scene.asks(alice, "alice@localhost"), "<item-not-found"));
  alice.says("<presence/>");
  CHECK(!contains(alice.heard(), "vcard-temp:x:update"));
}

TEST_CASE("a kept vCard that is no XML any more harms nobody") {
  Scene scene;
  TestClient& alice = scene.server.login("alice");
  scene.sets(alice, "<FN>Alice</FN>");
  constexpr sql::Statement<> spoil{"spoil", "UPDATE vcard SET vcard = '<vCard xmlns=''vcard-temp''><FN>'"};
  scene.server.database.rows().execute(spoil);

  CHECK(contains(scene.asks(alice, "alice@localhost"), "<service-unavailable"));
  alice.says("<presence/>");
  CHECK(contains(alice.heard(), "<presence"));
}

TEST_CASE("the hash of a user's photo goes out with presence that has none") {
  Scene scene;
  TestClient& alice = scene.server.login("alice");
  TestClient& laptop = scene.server.online("alice", "laptop");
  scene.sets(alice, photo);

  alice.says("<presence xml:lang='en'><status>here</status></presence>");
  CHECK(laptop.hears("xml:lang='en'><status>here</status>" + update(hash) + "</presence>"));

  alice.says("<presence><x xmlns='vcard-temp:x:update'/><show>away</show></presence>");
  CHECK(laptop.hears("<show>away</show>" + update(hash) + "</presence>"));
}

TEST_CASE("directed presence has the hash as well, as rooms need it") {
  Scene scene;
  TestClient& alice = scene.server.login("alice");
  TestClient& bob = scene.server.online("bob");
  scene.sets(alice, photo);

  alice.says("<presence to='bob@localhost/phone'/>");
  CHECK(bob.hears(update(hash)));
  alice.says("<presence to='bob@localhost/phone' type='unavailable'/>");
  CHECK(!bob.hears("vcard-temp:x:update"));
}

TEST_CASE("a wrong hash is corrected, a right one and a client that shows no photo are left alone") {
  Scene scene;
  TestClient& alice = scene.server.login("alice");
  TestClient& laptop = scene.server.online("alice", "laptop");
  scene.sets(alice, photo);
  const auto presence = [&](std::string_view content) {
    alice.says("<presence>" + std::string{content} + "</presence>");
    return laptop.heard();
  };

  CHECK(contains(presence(update("0123")), ">" + update(hash) + "</presence>"));
  constexpr std::string_view upper = "AAF4C61DDCC5E8A2DABEDE0F3B482CD9AEA9434D";
  CHECK(contains(presence(update(upper)), upper));
  CHECK(contains(presence("<x xmlns='vcard-temp:x:update'><photo/></x>"), "<photo/>"));
}

TEST_CASE("who has no photo has presence as the client wrote it") {
  Scene scene;
  TestClient& alice = scene.server.login("alice");
  TestClient& laptop = scene.server.online("alice", "laptop");

  alice.says("<presence><status>here</status></presence>");
  CHECK(laptop.hears("<status>here</status></presence>"));
  alice.says("<presence>" + update("0123") + "</presence>");
  CHECK(laptop.hears(update("0123")));
}

TEST_CASE("the photo is looked up once, and a new one is known at once") {
  Scene scene;
  TestClient& alice = scene.server.login("alice");
  scene.sets(alice, photo);
  scene.server.login("alice", "laptop").says("<presence/>");
  scene.server.database.reads = 0;

  alice.says("<presence/>");
  CHECK(alice.hears(update(hash)));
  CHECK(scene.server.database.reads == 0);

  scene.sets(alice, "<PHOTO><BINVAL/></PHOTO>");
  alice.says("<presence/>");
  CHECK(!alice.hears("vcard-temp:x:update"));
}

TEST_CASE("presence waits for a slow store and keeps its order") {
  Scene scene;
  TestClient& alice = scene.server.login("alice");
  scene.sets(alice, photo);
  scene.server.on_all_hosts([](HostType& host) { host.stop_module("mod_vcard"); });
  REQUIRE(scene.server.start(vcard_module()) == "");
  scene.server.database.is_slow = true;

  alice.says("<presence><status>one</status></presence>");
  alice.says("<presence><status>two</status></presence>");
  CHECK(alice.heard().empty());
  alice.session->host.hall.worker.adopt_thread();
  scene.server.database.answer_all();
  scene.server.turn();

  const std::string heard = alice.heard();
  const std::size_t two = heard.find("two");
  REQUIRE(two != std::string::npos);
  CHECK(heard.find("one") < two);
  CHECK(contains(heard.substr(two), update(hash)));
}

TEST_CASE("without a database presence goes out as it is") {
  Scene scene;
  TestClient& alice = scene.server.login("alice");
  scene.server.database.broken = true;

  alice.says("<presence><status>here</status></presence>");

  CHECK(alice.hears("<status>here</status></presence>"));
}

TEST_CASE("vCards from LDAP need to know where in the directory people are") {
  TestServer server;

  CHECK(contains(server.start(vcard_module(), "backend = \"ldap\""), "a table named ldap"));
  CHECK(server.start(vcard_module(), "backend = \"mnesia\"") == "");
}
