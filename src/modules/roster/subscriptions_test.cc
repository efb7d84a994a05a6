// SPDX-License-Identifier: Apache-2.0
// RFC 6121 §3.
#include "modules/roster/subscriptions.h"

#include <doctest/doctest.h>

#include "core/test_metrics.h"
#include "modules/roster/test_roster.h"

namespace meerkat {
TEST_CASE("§3.1.2: a request makes the contact an item that waits, and leaves with the bare address") {
  Neighbours here;

  here.alice.says("<presence type='subscribe' to='bob@localhost/phone' id='s1'><status>It is me</status></presence>");

  CHECK(here.alice.hears("<item jid='bob@localhost' subscription='none' ask='subscribe'/>"));
  CHECK(here.bob.heard() ==
        "<presence from='alice@localhost' to='bob@localhost' type='subscribe' id='s1'><status>It is me</status>"
        "</presence>");
  CHECK(here.server.roster_of("bob").empty());
}

TEST_CASE("§3.1.2: asking again changes nothing and is routed, and heard once") {
  Neighbours here;
  here.alice_has_asked();

  here.alice.says(presence("subscribe", "bob@localhost"));

  CHECK(here.alice.heard().empty());
  CHECK(here.bob.heard().empty());
}

TEST_CASE("§3.1.2: a request to a server that cannot be reached is answered at once, and makes no contact") {
  RosterServer server;
  TestClient& alice = server.interested("alice");

  alice.says(presence("subscribe", "bob@elsewhere.example"));

  CHECK(alice.hears("<remote-server-not-found"));
  CHECK(server.roster_of("alice").empty());
}

TEST_CASE("§3.1.3: a request for nobody is heard by nobody and kept nowhere") {
  RosterServer server;
  TestClient& alice = server.interested("alice");

  alice.says(presence("subscribe", "nobody@localhost"));

  CHECK(!alice.hears("<presence"));
  CHECK(server.database.rows().run_query("", "SELECT 1 FROM rosterusers WHERE username = 'nobody'", {}, 1).count() ==
        0);
}

TEST_CASE("§3.1.3: a request that was not answered comes again, whole, with each resource that becomes available") {
  RosterServer server;
  server.login("bob").disconnects();
  TestClient& alice = server.interested("alice");
  alice.says(
      "<presence type='subscribe' to='bob@localhost' id='s1'><status>It is me</status><nick "
      "xmlns='http://jabber.org/protocol/nick'>Alice</nick></presence>");
  alice.says("<presence type='subscribe' to='bob@localhost' id='s2'><status>Again</status></presence>");
  const std::string request =
      "<presence from='alice@localhost' to='bob@localhost' type='subscribe' id='s1'><status>It is me</status><nick "
      "xmlns='http://jabber.org/protocol/nick'>Alice</nick></presence>";

  for (const std::string_view resource : {"phone", "laptop", "phone2"}) {
    TestClient& bob = server.login("bob", resource);
    CHECK(bob.heard().empty());
    bob.says("<presence/>");
    const std::string heard = bob.heard();
    CHECK(contains(heard, request));
    CHECK(!contains(heard, "Again"));
  }
}

TEST_CASE("§3.1.3: a request that was answered does not come again") {
  for (const std::string_view answer : {"subscribed", "unsubscribed"}) {
    RosterServer server;
    TestClient& alice = server.interested("alice");
    TestClient& bob = server.interested("bob");
    alice.says(presence("subscribe", "bob@localhost"));

    bob.says(presence(answer, "alice@localhost"));

    TestClient& laptop = server.login("bob", "laptop");
    laptop.says("<presence/>");
    CHECK(!laptop.hears("type='subscribe'"));
  }
}

TEST_CASE("§3.1.3: a request that was taken back does not come again") {
  RosterServer server;
  TestClient& alice = server.interested("alice");
  server.login("bob").disconnects();
  alice.says(presence("subscribe", "bob@localhost"));

  alice.says(presence("unsubscribe", "bob@localhost"));

  TestClient& bob = server.login("bob");
  bob.says("<presence/>");
  CHECK(!bob.hears("type='subscribe'"));
  CHECK(server.roster_of("alice") == "<item jid='bob@localhost' subscription='none'/>");
}

TEST_CASE("§3.1.3: who already sees the contact is told so by its server") {
  Neighbours here;
  here.are_friends();
  // The two sides disagree: alice has lost what bob still has.
  here.server.database.rows().run_statement("", "UPDATE rosterusers SET subscription = 'F' WHERE username = 'alice'",
                                            {});
  here.server.passes(std::chrono::seconds{75});

  here.alice.says(presence("subscribe", "bob@localhost"));

  CHECK(here.bob.heard().empty());
  CHECK(here.server.roster_of("alice") == "<item jid='bob@localhost' subscription='both'/>");
}

TEST_CASE("§3.1.5, §3.1.6: an approval makes both sides what they are, and the stanza comes before the push") {
  RosterServer server;
  TestClient& alice = server.interested("alice");
  TestClient& tablet = server.online("alice", "tablet");
  TestClient& bob = server.interested("bob");
  alice.says(presence("subscribe", "bob@localhost"));
  alice.heard();
  tablet.heard();

  bob.says(presence("subscribed", "alice@localhost/phone"));

  CHECK(bob.hears("<item jid='alice@localhost' subscription='from'/>"));
  const std::string heard = alice.heard();
  const auto stanza = heard.find("<presence from='bob@localhost' to='alice@localhost' type='subscribed'/>");
  const auto push = heard.find("<item jid='bob@localhost' subscription='to'/>");
  CHECK(stanza != std::string::npos);
  CHECK(push != std::string::npos);
  CHECK(stanza < push);
  CHECK(tablet.heard().empty());  // it has not asked for the roster
}

TEST_CASE("§3.1.6: an approval nobody asked for is ignored") {
  RosterServer server;
  TestClient& alice = server.interested("alice");
  server.login("bob");

  server.halls[0]->workers[0].adopt_thread();
  server.halls[0]->router.route(make_stanza(StanzaKind::presence, StanzaType::subscribed, *Jid::parse("bob@localhost"),
                                            *Jid::parse("alice@localhost"), {}, {}));
  server.turn();

  CHECK(alice.heard().empty());
  CHECK(server.roster_of("alice").empty());
}

TEST_CASE("§3.1.4: a refusal ends the wait, and who has asked hears it") {
  Neighbours here;
  here.alice_has_asked();

  here.bob.says(presence("unsubscribed", "alice@localhost"));

  CHECK(!here.bob.hears("<iq"));
  const std::string heard = here.alice.heard();
  CHECK(contains(heard, "<presence from='bob@localhost' to='alice@localhost' type='unsubscribed'/>"));
  CHECK(contains(heard, "<item jid='bob@localhost' subscription='none'/>"));
  CHECK(here.server.roster_of("bob").empty());
}

TEST_CASE("§3.2: cancelling a subscription is heard by the other side, and the own one stays") {
  Neighbours here;
  here.are_friends();

  here.bob.says(presence("unsubscribed", "alice@localhost"));

  CHECK(here.bob.hears("<item jid='alice@localhost' subscription='to'/>"));
  const std::string heard = here.alice.heard();
  CHECK(heard.find("type='unsubscribed'") < heard.find("<item jid='bob@localhost' subscription='from'/>"));
}

TEST_CASE("§3.2.2: cancelling what does not exist is told to nobody") {
  Neighbours here;
  here.alice.says(presence("subscribe", "bob@localhost"));
  here.bob.heard();

  here.alice.says(presence("unsubscribed", "bob@localhost"));

  CHECK(here.bob.heard().empty());
}

TEST_CASE("§3.3: unsubscribing is heard by the other side, and its own subscription stays") {
  Neighbours here;
  here.are_friends();

  here.alice.says(presence("unsubscribe", "bob@localhost"));

  CHECK(here.alice.hears("<item jid='bob@localhost' subscription='from'/>"));
  const std::string heard = here.bob.heard();
  const auto stanza = heard.find("<presence from='alice@localhost' to='bob@localhost' type='unsubscribe'/>");
  CHECK(stanza < heard.find("<item jid='alice@localhost' subscription='to'/>"));
}

TEST_CASE("§2.5.2: removing a contact ends subscriptions both ways") {
  Neighbours here;
  here.are_friends();

  here.alice.says(roster_set("<item jid='bob@localhost' subscription='remove'/>"));

  const std::string heard = here.bob.heard();
  CHECK(contains(heard, "<presence from='alice@localhost' to='bob@localhost' type='unsubscribe'/>"));
  CHECK(contains(heard, "<presence from='alice@localhost' to='bob@localhost' type='unsubscribed'/>"));
  CHECK(here.server.roster_of("alice").empty());
  CHECK(here.server.roster_of("bob") == "<item jid='alice@localhost' subscription='none'/>");
}

TEST_CASE("§2.5.2: removing a contact that was asked takes the request back") {
  RosterServer server;
  server.login("bob").disconnects();
  TestClient& alice = server.interested("alice");
  alice.says(presence("subscribe", "bob@localhost"));

  alice.says(roster_set("<item jid='bob@localhost' subscription='remove'/>"));

  TestClient& bob = server.login("bob");
  bob.says("<presence/>");
  CHECK(!bob.hears("type='subscribe'"));
}

TEST_CASE("removing a contact that has asked leaves its request to be answered") {
  Neighbours here;
  here.bob.says(roster_set("<item jid='alice@localhost' name='Alice'/>"));
  here.alice.says(presence("subscribe", "bob@localhost"));
  CHECK(here.server.roster_of("bob") == "<item jid='alice@localhost' name='Alice' subscription='none'/>");
  here.bob.heard();

  here.bob.says(roster_set("<item jid='alice@localhost' subscription='remove'/>"));
  CHECK(here.bob.hears("<item jid='alice@localhost' subscription='remove'/>"));
  CHECK(here.server.roster_of("bob").empty());
  TestClient& laptop = here.server.login("bob", "laptop");
  laptop.says("<presence/>");
  CHECK(laptop.hears("type='subscribe'"));
  laptop.says(presence("subscribed", "alice@localhost"));
  CHECK(here.server.roster_of("alice") == "<item jid='bob@localhost' subscription='to'/>");
}

TEST_CASE("§3.4: who was approved ahead sees the contact at once, and nobody is asked") {
  Neighbours here;

  here.bob.says(presence("subscribed", "alice@localhost"));
  CHECK(here.bob.hears("<item jid='alice@localhost' subscription='none' approved='true'/>"));
  CHECK(here.alice.heard().empty());
  here.alice.says(presence("subscribe", "bob@localhost"));

  const std::string heard = here.bob.heard();
  CHECK(!contains(heard, "type='subscribe'"));
  CHECK(contains(heard, "<item jid='alice@localhost' subscription='from' approved='true'/>"));
  CHECK(here.alice.hears("<presence from='bob@localhost' to='alice@localhost' type='subscribed'/>"));
  CHECK(here.server.roster_of("alice") == "<item jid='bob@localhost' subscription='to'/>");
}

TEST_CASE("§3.2.2, §3.4: an approval ahead that was taken back counts no more, and the other hears nothing of it") {
  Neighbours here;
  here.bob.says(presence("subscribed", "alice@localhost"));
  here.bob.heard();

  here.bob.says(presence("unsubscribed", "alice@localhost"));
  CHECK(here.bob.hears("<item jid='alice@localhost' subscription='none'/>"));
  CHECK(here.alice.heard().empty());
  here.alice.says(presence("subscribe", "bob@localhost"));

  CHECK(here.bob.hears("type='subscribe'"));
}

TEST_CASE("subscriptions are counted where they leave, where they arrive, and when they are granted or end") {
  Neighbours here;
  const auto hook = [&](std::string_view name) {
    return counted(here.server.metrics, "hook_roster_" + std::string{name} + "_subscription", "count");
  };
  const auto heard = [&](std::string_view measurement) {
    return counted(here.server.metrics, "sm_presence_subscription", measurement);
  };

  here.alice.says(presence("subscribe", "bob@localhost"));
  CHECK(hook("out") == 1);
  CHECK(hook("in") == 1);
  CHECK(heard("subscription_count") == 0);
  here.bob.says(presence("subscribed", "alice@localhost"));
  CHECK(heard("subscription_count") == 1);
  here.bob.says(presence("unsubscribed", "alice@localhost"));

  CHECK(heard("subscription_count") == 1);
  CHECK(heard("unsubscription_count") == 1);
  CHECK(hook("out") == 3);
  CHECK(hook("in") == 3);
}

TEST_CASE("nobody subscribes to himself") {
  RosterServer server;
  TestClient& alice = server.interested("alice");

  alice.says(presence("subscribe", "alice@localhost"));

  CHECK(alice.hears("<not-allowed"));
  CHECK(server.roster_of("alice").empty());
}

}  // namespace meerkat
