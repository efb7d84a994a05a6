// SPDX-License-Identifier: Apache-2.0
// What modules know of a session outlives the server too.
#include "modules/caps/caps_events.h"
#include "server/test_pair.h"

namespace meerkat {

using namespace std::chrono_literals;

TEST_CASE("a device that wanted carbons gets them after a restart") {
  Pair pair;
  TestClient& desk = pair.online("bob", "desk", -1);
  desk.says(carbons_on);
  desk.loses_connection();
  pair.bob_misses({});
  pair.restarts();

  pair.server().online("alice").says(chat("m1"));

  CHECK(pair.queue_of("bob@localhost/desk").back() == "m1");
}

TEST_CASE(
    "what an inactive client could wait for stands in its queue, and it is active when it resumes (XEP-0352 §5.2)") {
  Pair pair;
  pair.bob->says("<inactive xmlns='urn:xmpp:csi:0'/>");
  pair.alice->says("<presence to='bob@localhost/phone'><show>away</show></presence>");
  const Texts before = pair.queue_of("bob@localhost/phone");
  pair.bob_misses({});

  pair.restarts();

  Texts after = before;
  after.emplace_back("presence");
  CHECK(pair.queue_of("bob@localhost/phone") == after);
  CHECK_FALSE(pair.session("bob@localhost/phone")->valve);
}

TEST_CASE("an active privacy list is in force again, and nobody hears of it") {
  Pair pair;
  const auto query = [](std::string_view content) {
    return "<iq type='set' id='p'><query xmlns='jabber:iq:privacy'>" + std::string{content} + "</query></iq>";
  };
  pair.bob->says(
      query("<list name='no alice'><item type='jid' value='alice@localhost' action='deny' order='1'/></list>"));
  pair.bob->says(query("<active name='no alice'/>"));
  pair.bob->says("<iq type='get' id='b'><blocklist xmlns='urn:xmpp:blocking'/></iq>");
  TestClient& desk = pair.online("bob", "desk");
  desk.loses_connection();
  pair.bob_misses({});
  const Texts before = pair.queue_of("bob@localhost/phone");

  pair.restarts();

  CHECK(pair.queue_of("bob@localhost/phone") == before);
  TestClient& alice = pair.server().online("alice");
  TestClient& carol = pair.server().online("carol");
  for (TestClient* const sender : {&alice, &carol}) sender->says(chat("hello"));
  CHECK(alice.hears("service-unavailable"));
  CHECK(carol.heard().empty());
  alice.says(chat("desk", "bob@localhost/desk"));
  CHECK(alice.heard().empty());
  CHECK(pair.queue_of("bob@localhost/phone").back() == "hello");
  CHECK(pair.queue_of("bob@localhost/desk").back() == "desk");
}

TEST_CASE("who is blocked stays blocked, and the client that wants to hear of changes hears of them") {
  Pair pair;
  const auto block = [](std::string_view whom) {
    return "<iq type='set' id='b'><block xmlns='urn:xmpp:blocking'><item jid='" + std::string{whom} +
           "'/></block></iq>";
  };
  pair.bob->says("<iq type='get' id='b'><blocklist xmlns='urn:xmpp:blocking'/></iq>");
  pair.bob->says(block("alice@localhost"));
  pair.bob_misses({});
  const std::size_t before = pair.queue_of("bob@localhost/phone").size();

  pair.restarts();

  TestClient& alice = pair.server().online("alice");
  alice.says(chat("hello"));
  CHECK(alice.hears("service-unavailable"));
  CHECK(pair.queue_of("bob@localhost/phone").size() == before);
  pair.server().login("bob", "tablet").says(block("carol@localhost"));
  CHECK(pair.queue_of("bob@localhost/phone").size() == before + 1);
}

TEST_CASE("what a client can do is known after a restart without asking it") {
  Pair pair;
  Session& before = *pair.bob->session;
  before.notes.get<ClientNote>().features = std::make_shared<const ClientFeatures>(
      "1 sha-1 key", std::vector<std::string>{"urn:b+notify", "urn:a", "not\na feature"});
  pair.bob_misses({});

  pair.restarts();

  const auto features = features_of(*pair.session("bob@localhost/phone"));
  REQUIRE(features);
  CHECK(features->key() == "1 sha-1 key");
  CHECK(features->all() == Texts{"urn:a", "urn:b+notify"});
}

TEST_CASE("contacts are told nothing of a restart, and those who log in see who waits") {
  Pair pair;
  pair.befriend(*pair.alice, "alice", *pair.bob, "bob");
  pair.bob->says("<presence><show>away</show></presence>");
  pair.bob_misses({});
  TestClient& desk = pair.online("bob", "desk");
  desk.loses_connection();
  const Texts before = pair.queue_of("bob@localhost/phone");
  const Texts desk_before = pair.queue_of("bob@localhost/desk");

  pair.restarts();

  CHECK(pair.queue_of("bob@localhost/phone") == before);
  CHECK(pair.queue_of("bob@localhost/desk") == desk_before);
  TestClient& alice = pair.server().login("alice", "tablet");
  alice.says("<presence/>");
  const std::string heard = alice.heard();
  CHECK(contains(heard, "from='bob@localhost/phone'"));
  CHECK(contains(heard, "<show>away</show>"));
  CHECK(contains(heard, "from='bob@localhost/desk'"));
  CHECK(pair.queue_of("bob@localhost/phone").size() == before.size() + 1);
  pair.server().passes(601s);
  CHECK(alice.hears("type='unavailable'"));
}

}  // namespace meerkat
