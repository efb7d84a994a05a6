// SPDX-License-Identifier: Apache-2.0
// Presence while rosters are read slowly, under rules, and when somebody overdoes it.
#include <doctest/doctest.h>

#include "modules/presence/presence.h"
#include "modules/presence/test_rosters.h"

using namespace meerkat;
using namespace std::chrono_literals;

namespace {

struct People {
  People() { CHECK(server.start(presence_module()).empty()); }
  TestServer server;
  TestRosters rosters{server};
};

// One address may neither see the owner of the rules nor be seen.
class Wall final : public StanzaRules {
 public:
  explicit Wall(std::string_view node) : against_(*Jid::make(node, "localhost")) {}
  bool lets_in(const Stanza& stanza) const override { return !stanza.from.same_bare(against_); }
  bool lets_out(const Stanza& stanza) const override { return !stanza.to.same_bare(against_); }

 private:
  const Jid against_;
};

struct Witness {
  explicit Witness(TestServer& server) {
    server.on_all_hosts([this](HostType& host) { host.hooks.on<&Witness::gone>(*this); });
  }
  Verdict gone(UserBecomesUnavailable& event) {
    seen += std::string{event.session.jid.text()} + '(' + event.status + ')';
    return Verdict::next();
  }
  std::string seen;
};

}  // namespace

TEST_CASE_FIXTURE(People, "what is said while the roster is read is told in the end, and only the last of it") {
  rosters.befriend("alice", "bob");
  TestClient& bob = server.online("bob");
  Gate gate;
  rosters.gate = &gate;
  TestClient& alice = server.login("alice");

  alice.says("<presence><show>away</show></presence>");
  alice.says("<presence><show>dnd</show></presence>");
  CHECK(alice.hears("<show>dnd</show>"));
  CHECK(bob.heard().empty());
  gate.open();
  server.turn();

  CHECK(bob.heard() == "<presence from='alice@localhost/phone' to='bob@localhost'><show>dnd</show></presence>");
  CHECK(alice.hears("from='bob@localhost/phone'"));
}

TEST_CASE_FIXTURE(People, "whoever goes while the roster is read was never there for the contacts") {
  rosters.befriend("alice", "bob");
  TestClient& bob = server.online("bob");
  Gate gate;
  rosters.gate = &gate;
  server.login("alice", "phone").says("<presence/>");
  TestClient& laptop = server.login("alice", "laptop");
  laptop.says("<presence/>");
  laptop.says("<presence type='unavailable'/>");
  TestClient& tablet = server.login("alice", "tablet");
  tablet.says("<presence/>");

  tablet.disconnects();
  gate.open();
  server.turn();

  CHECK(bob.heard() == "<presence from='alice@localhost/phone' to='bob@localhost'/>");
}

TEST_CASE_FIXTURE(People, "a subscription that ends while the roster is read counts") {
  rosters.befriend("alice", "bob");
  TestClient& bob = server.online("bob");
  Gate gate;
  rosters.gate = &gate;
  server.login("alice").says("<presence/>");

  rosters.change("alice", "bob", Subscription::none);
  gate.open();
  server.turn();

  CHECK(bob.heard().empty());
}

TEST_CASE_FIXTURE(People, "a roster that cannot be read is asked for again") {
  rosters.befriend("alice", "bob");
  TestClient& bob = server.online("bob");
  rosters.broken = true;
  server.login("alice").says("<presence/>");
  CHECK(bob.heard().empty());

  rosters.broken = false;
  server.passes(6s);

  CHECK(bob.hears("from='alice@localhost/phone'"));
}

TEST_CASE_FIXTURE(People, "each session asks for its roster once at a time") {
  rosters.broken = true;
  TestClient& alice = server.login("alice");

  for (int i = 0; i < 20; ++i) {
    alice.says("<presence/>");
    alice.says("<presence type='unavailable'/>");
  }
  alice.says("<presence/>");

  CHECK(rosters.times_asked == 1);
  rosters.broken = false;
  server.passes(6s);
  CHECK(rosters.times_asked == 2);
}

TEST_CASE_FIXTURE(People, "who is shut out by the sender's rules hears nothing, and the others do") {
  std::vector<TestClient*> contacts;
  for (int i = 0; i < 10; ++i) {
    const std::string name = "contact" + std::to_string(i);
    rosters.befriend("alice", name);
    contacts.push_back(&server.online(name));
  }
  TestClient& alice = server.login("alice");
  alice.session->rules = std::make_shared<const Wall>("contact3");

  alice.says("<presence/>");
  alice.disconnects();

  for (TestClient* contact : contacts) {
    const std::string heard = contact->heard();
    const bool is_shut_out = contact == contacts[3];
    CHECK(contains(heard, "<presence from='alice@localhost/phone'") == !is_shut_out);
    CHECK(contains(heard, "type='unavailable'") == !is_shut_out);
  }
}

TEST_CASE_FIXTURE(People, "who is shut out learns nothing by a probe, and does not see those who shut it out") {
  rosters.befriend("alice", "bob");
  TestClient& bob = server.online("bob");
  bob.session->rules = std::make_shared<const Wall>("alice");
  TestClient& alice = server.login("alice");

  alice.says("<presence/>");
  alice.says("<presence type='probe' to='bob@localhost'/>");

  CHECK(!alice.hears("from='bob"));
  CHECK(bob.heard().empty());
}

TEST_CASE_FIXTURE(People, "presence of a shut-out contact does not come in by probes") {
  rosters.befriend("alice", "bob");
  server.online("bob");
  TestClient& alice = server.login("alice");
  alice.session->rules = std::make_shared<const Wall>("bob");

  alice.says("<presence/>");

  CHECK(!alice.hears("from='bob"));
}

TEST_CASE_FIXTURE(People, "a session is shown to and hidden from one contact that sees it, and from no other") {
  rosters.befriend("alice", "bob");
  TestClient& bob = server.online("bob");
  TestClient& eve = server.online("eve");
  TestClient& alice = server.online("alice");
  bob.heard();
  PresenceBroadcast& presence = alice.session->host.hall.presence;

  for (const TestClient* contact : {&bob, &eve}) {
    const Jid who = contact->session->account->bare;
    alice.session->host.hall.worker.adopt_thread();
    presence.hide(*alice.session, who);
    presence.show(*alice.session, who);
    server.turn();
  }

  CHECK(bob.heard() ==
        "<presence from='alice@localhost/phone' to='bob@localhost' type='unavailable'/>"
        "<presence from='alice@localhost/phone' to='bob@localhost'><priority>0</priority></presence>");
  CHECK(eve.heard().empty());
}

TEST_CASE_FIXTURE(People, "whoever tells too much presence waits for the rest of the second") {
  for (int i = 0; i < 2000; ++i) rosters.set("alice", "contact" + std::to_string(i), Subscription::from);
  rosters.set("alice", "bob", Subscription::from);
  TestClient& bob = server.online("bob");
  TestClient& alice = server.online("alice");
  bob.heard();

  for (int i = 0; i < 50; ++i) alice.says("<presence><status>" + std::to_string(i) + "</status></presence>");
  const std::string heard = bob.heard();
  CHECK(contains(heard, "<status>5</status>"));
  CHECK(!contains(heard, "<status>20</status>"));
  for (int i = 0; i < 10; ++i) server.passes(1100ms);

  CHECK(bob.hears("<status>49</status>"));
}

TEST_CASE_FIXTURE(People, "whoever probes too much waits for the rest of the second") {
  rosters.befriend("alice", "bob");
  server.online("bob");
  TestClient& alice = server.online("alice");
  const auto answers_to = [&](int probes) {
    for (int i = 0; i < probes; ++i) alice.says("<presence type='probe' to='bob@localhost'/>");
    return alice.heard().size();
  };
  const std::size_t one = answers_to(1);

  CHECK(answers_to(1000) < 250 * one);
  for (int i = 0; i < 10; ++i) server.passes(1100ms);
}

TEST_CASE_FIXTURE(People, "who reads slowly holds none of the contacts it asks for") {
  rosters.befriend("alice", "bob");
  TestClient& bob = server.online("bob");
  TestClient& alice = server.login("alice");
  alice.unread = 1024 * 1024;

  alice.says("<presence/>");
  alice.says("<presence type='probe' to='bob@localhost'/>");

  CHECK(alice.hears("from='bob@localhost/phone'"));
  CHECK(!bob.held);
}

TEST_CASE_FIXTURE(People, "the end of presence is told to modules with its last words, once") {
  Witness witness{server};
  TestClient& alice = server.online("alice", "phone");
  TestClient& laptop = server.online("alice", "laptop");
  TestClient& shy = server.login("alice", "shy");

  alice.says("<presence type='unavailable'><status>gone fishing</status></presence>");
  alice.disconnects();
  laptop.disconnects();
  shy.disconnects();

  CHECK(witness.seen == "alice@localhost/phone(gone fishing)alice@localhost/laptop()");
}
