// SPDX-License-Identifier: Apache-2.0
// XEP-0016 §2.1: rules about one resource of a contact, and the presence of accounts that see each other.
#include <doctest/doctest.h>

#include "modules/privacy/test_contacts.h"

using namespace meerkat;

namespace {

std::string deny_laptop(std::string_view kind) {
  return "<item type='jid' value='bob@localhost/laptop' action='deny' order='1'><" + std::string{kind} + "/></item>";
}

// Alice and Bob see each other; Bob has two resources.
struct Friends : PrivacyServer {
  Friends() {
    contacts.set("alice", "bob", Subscription::both);
    contacts.set("bob", "alice", Subscription::both);
    contacts.meet(phone);
    contacts.meet(laptop);
  }
  TestClient& phone = online("bob", "phone");
  TestClient& laptop = online("bob", "laptop");
  TestClient& alice = login("alice");
};

}  // namespace

TEST_CASE("presence does not go to the one resource that a rule shuts out, and goes to the others (XEP-0016 §2.11)") {
  Friends here;
  goes_by(here.alice, deny_laptop("presence-out"));

  here.alice.says("<presence><show>away</show></presence>");
  here.contacts.meet(here.alice);
  CHECK(here.phone.hears("from='alice@localhost/phone'"));
  here.alice.says("<presence type='unavailable'/>");

  CHECK(here.phone.hears("type='unavailable'"));
  CHECK(here.laptop.heard().empty());
}

TEST_CASE("presence does not come in from the one resource that a rule shuts out (XEP-0016 §2.10)") {
  Friends here;
  goes_by(here.alice, deny_laptop("presence-in"));
  here.alice.says("<presence/>");
  here.contacts.meet(here.alice);
  const std::string at_login = here.alice.heard();
  CHECK(contains(at_login, "from='bob@localhost/phone'"));
  CHECK(!contains(at_login, "bob@localhost/laptop"));

  here.phone.says("<presence><show>away</show></presence>");
  here.laptop.says("<presence><show>dnd</show></presence>");

  const std::string later = here.alice.heard();
  CHECK(contains(later, "from='bob@localhost/phone'"));
  CHECK(!contains(later, "bob@localhost/laptop"));
}

TEST_CASE("the one resource that a new rule shuts out sees a session leave, and come back without it") {
  Friends here;
  here.alice.says("<presence/>");
  here.contacts.meet(here.alice);
  here.phone.heard();
  here.laptop.heard();

  goes_by(here.alice, deny_laptop("presence-out"));
  CHECK(here.laptop.heard() == "<presence from='alice@localhost/phone' to='bob@localhost/laptop' type='unavailable'/>");
  lists(here.alice, "set", "<default/>");

  CHECK(here.laptop.hears("<presence from='alice@localhost/phone' to='bob@localhost/laptop'"));
  CHECK(here.phone.heard().empty());
}

TEST_CASE("a session sees the one resource that a new rule shuts out leave, and come back without it") {
  Friends here;
  here.alice.says("<presence/>");
  here.contacts.meet(here.alice);

  lists(here.alice, "set", "<list name='mine'>" + deny_laptop("presence-in") + "</list>");
  const std::string denied = lists(here.alice, "set", "<default name='mine'/>");
  CHECK(contains(denied, "<presence from='bob@localhost/laptop' to='alice@localhost/phone' type='unavailable'/>"));
  CHECK(!contains(denied, "from='bob@localhost/phone'"));
  const std::string allowed = lists(here.alice, "set", "<default/>");

  CHECK(contains(allowed, "<presence from='bob@localhost/laptop' to='alice@localhost/phone'"));
  CHECK(!contains(allowed, "from='bob@localhost/phone'"));
}

TEST_CASE("who shuts out a whole account but one of its resources is seen by that one") {
  Friends here;
  here.alice.says("<presence/>");
  here.contacts.meet(here.alice);
  here.phone.heard();
  here.laptop.heard();

  goes_by(here.alice,
          "<item type='jid' value='bob@localhost/phone' action='allow' order='1'/>"
          "<item type='jid' value='bob@localhost' action='deny' order='2'/>");

  CHECK(here.laptop.hears("type='unavailable'"));
  const std::string heard = here.phone.heard();
  const auto last = heard.rfind("<presence from='alice@localhost/phone'");
  REQUIRE(last != std::string::npos);
  CHECK(!contains(std::string_view{heard}.substr(last), "unavailable"));
}

TEST_CASE("somebody who is blocked and asks for presence at login is not told that he has no subscription") {
  PrivacyServer server;
  server.contacts.set("alice", "bob", Subscription::to);
  TestClient& bob = server.online("bob");
  server.contacts.meet(bob);
  TestClient& alice = server.online("alice");
  server.contacts.meet(alice);
  CHECK(alice.hears("from='bob@localhost' to='alice@localhost' type='unsubscribed'"));

  goes_by(bob, "<item type='jid' value='alice@localhost' action='deny' order='1'/>");
  server.contacts.meet(alice);

  CHECK(alice.heard().empty());
}
