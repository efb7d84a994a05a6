// SPDX-License-Identifier: Apache-2.0
// RFC 6121 §4 with contacts.
#include "modules/presence/presence.h"

#include <doctest/doctest.h>

#include "modules/presence/test_rosters.h"
#include "xmpp/date_time.h"

using namespace meerkat;

namespace {

struct People {
  People() { CHECK(server.start(presence_module()).empty()); }
  TestServer server;
  TestRosters rosters{server};
};

std::size_t count(std::string_view text, std::string_view part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != std::string_view::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

}  // namespace

TEST_CASE_FIXTURE(People, "initial presence goes to contacts that see the account, and to no others") {
  for (const auto& [who, subscription] :
       {std::pair{"none", Subscription::none}, {"to", Subscription::to}, {"from", Subscription::from}})
    rosters.set("alice", who, subscription);
  rosters.set("alice", "both", Subscription::both);
  TestClient& none = server.online("none");
  TestClient& to = server.online("to");
  TestClient& from = server.online("from");
  TestClient& both = server.online("both");
  TestClient& stranger = server.online("stranger");

  server.login("alice").says("<presence><show>away</show></presence>");

  CHECK(from.heard() == "<presence from='alice@localhost/phone' to='from@localhost'><show>away</show></presence>");
  CHECK(both.heard() == "<presence from='alice@localhost/phone' to='both@localhost'><show>away</show></presence>");
  CHECK(none.heard().empty());
  CHECK(to.heard().empty());
  CHECK(stranger.heard().empty());
}

TEST_CASE_FIXTURE(People, "presence reaches many contacts on both workers, each once") {
  std::vector<TestClient*> contacts;
  for (int i = 0; i < 40; ++i) {
    const std::string name = "contact" + std::to_string(i);
    rosters.befriend("alice", name);
    contacts.push_back(&server.online(name));
  }
  TestClient& alice = server.login("alice");

  alice.says("<presence/>");

  for (TestClient* contact : contacts) CHECK(count(contact->heard(), "<presence from='alice@localhost/phone'") == 1);
  CHECK(count(alice.heard(), "<presence from='contact") == 40);
}

TEST_CASE_FIXTURE(People, "later presence goes to the same contacts, and no probe with it") {
  rosters.befriend("alice", "bob");
  TestClient& bob = server.online("bob");
  TestClient& alice = server.online("alice");

  alice.says("<presence><show>dnd</show></presence>");

  CHECK(bob.heard() == "<presence from='alice@localhost/phone' to='bob@localhost'><show>dnd</show></presence>");
  CHECK(alice.heard() ==
        "<presence from='alice@localhost/phone' to='alice@localhost/phone'><show>dnd</show></presence>");
}

TEST_CASE_FIXTURE(People, "presence is delivered to all available resources of a contact, and to no other") {
  rosters.befriend("alice", "bob");
  TestClient& phone = server.online("bob", "phone");
  TestClient& laptop = server.online("bob", "laptop", -1);
  TestClient& shy = server.login("bob", "shy");

  server.login("alice").says("<presence/>");

  CHECK(phone.hears("from='alice@localhost/phone' to='bob@localhost'"));
  CHECK(laptop.hears("from='alice@localhost/phone' to='bob@localhost'"));
  CHECK(shy.heard().empty());
}

TEST_CASE_FIXTURE(People, "unavailable presence goes to contacts with its status") {
  rosters.befriend("alice", "bob");
  TestClient& bob = server.online("bob");
  TestClient& alice = server.online("alice");

  alice.says("<presence type='unavailable'><status>bye</status></presence>");
  CHECK(bob.heard() ==
        "<presence from='alice@localhost/phone' to='bob@localhost' type='unavailable'><status>bye</status></presence>");
  alice.disconnects();

  CHECK(bob.heard().empty());
}

TEST_CASE_FIXTURE(People, "contacts hear that a connection was lost, and no database is asked") {
  rosters.befriend("alice", "bob");
  TestClient& bob = server.online("bob");
  TestClient& alice = server.online("alice");
  const int asked = rosters.times_asked;

  alice.disconnects();

  CHECK(bob.heard() == "<presence from='alice@localhost/phone' to='bob@localhost' type='unavailable'/>");
  CHECK(rosters.times_asked == asked);
}

TEST_CASE_FIXTURE(People, "a session that was never available is not announced to contacts when it ends") {
  rosters.befriend("alice", "bob");
  TestClient& bob = server.online("bob");
  server.online("alice", "phone");
  TestClient& laptop = server.login("alice", "laptop");
  bob.heard();

  laptop.disconnects();

  CHECK(bob.heard().empty());
}

TEST_CASE_FIXTURE(People, "who becomes available hears the last presence of each resource of the contacts it sees") {
  rosters.befriend("alice", "bob");
  rosters.set("alice", "carol", Subscription::to);
  rosters.set("carol", "alice", Subscription::from);
  server.login("bob", "phone").says("<presence id='p1'><status>on &amp; on</status></presence>");
  server.login("bob", "laptop").says("<presence><priority>-5</priority></presence>");
  server.login("bob", "shy");
  server.login("carol", "phone").says("<presence/>");
  const std::string stamp = date_time(server.clock.wall());
  server.passes(std::chrono::seconds{90});
  TestClient& alice = server.login("alice");

  alice.says("<presence/>");

  const std::string heard = alice.heard();
  CHECK(contains(heard,
                 "<presence from='bob@localhost/phone' to='alice@localhost/phone' id='p1'><status>on &amp; on</status>"
                 "<delay xmlns='urn:xmpp:delay' from='localhost' stamp='" +
                     stamp + "'/></presence>"));
  CHECK(contains(heard, "<presence from='bob@localhost/laptop' to='alice@localhost/phone'><priority>-5</priority>"));
  CHECK(contains(heard, "<presence from='carol@localhost/phone' to='alice@localhost/phone'>"));
  CHECK(!contains(heard, "shy"));
  CHECK(count(heard, "<presence") == 4);
}

TEST_CASE_FIXTURE(People, "who is seen and does not see hears nothing of the contact") {
  rosters.set("alice", "bob", Subscription::from);
  rosters.set("bob", "alice", Subscription::to);
  server.online("bob");
  TestClient& alice = server.login("alice");

  alice.says("<presence/>");

  CHECK(count(alice.heard(), "<presence") == 1);
}

TEST_CASE_FIXTURE(People, "a login asks for one roster, whoever is there") {
  for (const auto* name : {"bob", "carol", "dave"}) {
    rosters.befriend("alice", name);
    server.online(name);
  }
  rosters.times_asked = 0;

  server.login("alice").says("<presence/>");

  CHECK(rosters.times_asked == 1);
}

TEST_CASE_FIXTURE(People, "a second resource is told of, and learns of the contacts as well") {
  rosters.befriend("alice", "bob");
  TestClient& bob = server.online("bob");
  server.online("alice", "phone");
  bob.heard();
  TestClient& laptop = server.login("alice", "laptop");

  laptop.says("<presence/>");

  CHECK(bob.heard() == "<presence from='alice@localhost/laptop' to='bob@localhost'/>");
  CHECK(laptop.hears("<presence from='bob@localhost/phone' to='alice@localhost/laptop'>"));
}

TEST_CASE_FIXTURE(People, "a contact that ended the subscription says so when it is probed, and shows nothing") {
  rosters.set("alice", "bob", Subscription::both);
  TestClient& bob = server.online("bob");
  TestClient& alice = server.login("alice");

  alice.says("<presence/>");

  const std::string heard = alice.heard();
  CHECK(contains(heard, "<presence from='bob@localhost' to='alice@localhost' type='unsubscribed'/>"));
  CHECK(!contains(heard, "bob@localhost/phone"));
  CHECK(bob.hears("from='alice@localhost/phone'"));
}

TEST_CASE_FIXTURE(People, "a probe of a client is answered to whom sees the account, and to no others") {
  rosters.befriend("alice", "bob");
  TestClient& bob = server.online("bob");
  TestClient& alice = server.online("alice");
  TestClient& eve = server.online("eve");

  eve.says("<presence type='probe' to='bob@localhost'/>");
  eve.says("<presence type='probe' to='bob@localhost/phone'/>");
  eve.says("<presence type='probe' to='nobody@localhost'/>");
  CHECK(eve.heard().empty());
  alice.says("<presence type='probe' to='bob@localhost'/>");

  CHECK(alice.hears("<presence from='bob@localhost/phone' to='alice@localhost/phone'>"));
  CHECK(bob.heard().empty());
}

TEST_CASE_FIXTURE(People, "who got directed presence learns by a probe that the sender is there, and no more") {
  TestClient& alice = server.online("alice");
  TestClient& bob = server.login("bob");
  bob.says("<presence><status>secret</status></presence>");
  bob.says("<presence to='alice@localhost/phone'><status>hi</status></presence>");
  alice.heard();

  alice.says("<presence type='probe' to='bob@localhost/phone'/>");
  CHECK(alice.heard() == "<presence from='bob@localhost/phone' to='alice@localhost/phone'/>");
  bob.says("<presence to='alice@localhost/phone' type='unavailable'/>");
  alice.heard();
  alice.says("<presence type='probe' to='bob@localhost/phone'/>");

  CHECK(alice.heard().empty());
}

TEST_CASE_FIXTURE(People, "directed presence to a contact changes nothing for broadcasts, and its end is told once") {
  rosters.befriend("alice", "bob");
  TestClient& bob = server.online("bob");
  TestClient& alice = server.online("alice");
  bob.heard();

  alice.says("<presence to='bob@localhost'><status>for you</status></presence>");
  CHECK(count(bob.heard(), "for you") == 1);
  alice.says("<presence><show>away</show></presence>");
  CHECK(count(bob.heard(), "<presence") == 1);
  alice.says("<presence type='unavailable'/>");

  CHECK(count(bob.heard(), "type='unavailable'") == 1);
}

TEST_CASE_FIXTURE(People, "directed unavailable presence does not take a contact out of later broadcasts") {
  rosters.befriend("alice", "bob");
  TestClient& bob = server.online("bob");
  TestClient& alice = server.online("alice");
  alice.says("<presence to='bob@localhost' type='unavailable'/>");
  CHECK(bob.hears("type='unavailable'"));

  alice.says("<presence><show>xa</show></presence>");

  CHECK(bob.hears("<show>xa</show>"));
}

TEST_CASE_FIXTURE(People, "who is no contact hears nothing but the directed presence and its end") {
  TestClient& bob = server.online("bob");
  TestClient& alice = server.online("alice");
  alice.says("<presence to='bob@localhost'/>");
  bob.heard();

  alice.says("<presence><show>away</show></presence>");
  CHECK(bob.heard().empty());
  alice.disconnects();

  CHECK(bob.heard() == "<presence from='alice@localhost/phone' to='bob@localhost' type='unavailable'/>");
}

TEST_CASE_FIXTURE(People, "a contact's resource that is not available hears the end of directed presence") {
  rosters.befriend("alice", "bob");
  TestClient& phone = server.online("bob", "phone");
  TestClient& shy = server.login("bob", "shy");
  TestClient& alice = server.online("alice");
  alice.says("<presence to='bob@localhost/shy'/>");
  alice.says("<presence to='bob@localhost/phone'/>");
  shy.heard();
  phone.heard();

  alice.disconnects();

  CHECK(shy.heard() == "<presence from='alice@localhost/phone' to='bob@localhost/shy' type='unavailable'/>");
  CHECK(count(phone.heard(), "type='unavailable'") == 1);
}

TEST_CASE_FIXTURE(People, "a new subscriber is shown all available resources") {
  TestClient& bob = server.online("bob");
  server.login("alice", "phone").says("<presence><show>away</show></presence>");
  server.login("alice", "laptop").says("<presence/>");
  server.login("alice", "shy");

  rosters.change("alice", "bob", Subscription::from);

  const std::string heard = bob.heard();
  CHECK(contains(heard, "<presence from='alice@localhost/phone' to='bob@localhost'><show>away</show></presence>"));
  CHECK(contains(heard, "<presence from='alice@localhost/laptop' to='bob@localhost'/>"));
  CHECK(count(heard, "<presence") == 2);
}

TEST_CASE_FIXTURE(People, "who is no subscriber any more hears that all resources are unavailable, and then nothing") {
  rosters.befriend("alice", "bob");
  TestClient& bob = server.online("bob");
  TestClient& alice = server.online("alice");
  alice.says("<presence to='bob@localhost'/>");
  bob.heard();

  rosters.change("alice", "bob", Subscription::to);
  CHECK(bob.heard() == "<presence from='alice@localhost/phone' to='bob@localhost' type='unavailable'/>");
  alice.says("<presence><show>away</show></presence>");
  alice.disconnects();

  CHECK(bob.heard().empty());
}

TEST_CASE_FIXTURE(People, "a change that leaves a subscriber one tells nothing") {
  rosters.befriend("alice", "bob");
  TestClient& bob = server.online("bob");
  server.online("alice");
  bob.heard();

  rosters.change("alice", "bob", Subscription::from);

  CHECK(bob.heard().empty());
}

TEST_CASE_FIXTURE(People, "without mod_presence contacts hear nothing") {
  rosters.befriend("alice", "bob");
  TestClient& bob = server.online("bob");
  TestClient& alice = server.online("alice");
  bob.heard();
  server.on_all_hosts([](HostType& host) {
    host.hall.worker.adopt_thread();
    host.stop_module("mod_presence");
  });
  server.turn();

  alice.says("<presence><show>away</show></presence>");
  CHECK(bob.heard().empty());
  server.start(presence_module());
  alice.says("<presence><show>dnd</show></presence>");

  CHECK(bob.hears("<show>dnd</show>"));
}
