// SPDX-License-Identifier: Apache-2.0
// What becomes of subscriptions when others listen, accounts go, limits are met and the database fails.
#include <doctest/doctest.h>

#include "core/events/account_events.h"
#include "modules/roster/test_roster.h"

namespace meerkat {
namespace {

// What other rooms are told, in order with what is sent.
struct Witness {
  Verdict changed(ContactChanged& event) {
    said += std::string{event.user.node()} + ":" + std::string{event.contact().node()} + (event.before ? " was" : "") +
            (event.after ? " is" : "") + ";";
    if (client != nullptr && event.user.node() == "bob") heard_before = client->heard();
    return Verdict::next();
  }
  std::string said;
  TestClient* client = nullptr;
  std::string heard_before;
};

}  // namespace

TEST_CASE("other rooms hear of a subscription that begins behind the approval, and of one that ends before") {
  Neighbours here;
  here.alice.says(presence("subscribe", "bob@localhost"));
  here.alice.heard();
  Hall& home = here.server.home_of(*Jid::parse("bob@localhost"));
  Witness witness;
  here.server.host(home).hooks.on<&Witness::changed>(witness);
  // Only where both live on one worker is the order of what one hears that of what the other does.
  if (&home == &here.server.home_of(*Jid::parse("alice@localhost"))) witness.client = &here.alice;

  here.bob.says(presence("subscribed", "alice@localhost"));
  CHECK(contains(witness.said, "bob:alice was is;"));
  witness.said.clear();
  here.alice.heard();
  here.bob.says(presence("unsubscribed", "alice@localhost"));

  CHECK(contains(witness.said, "bob:alice was is;"));
  CHECK(!contains(witness.heard_before, "unsubscribed"));
}

TEST_CASE("contacts are at hand for other rooms, once they were read") {
  RosterServer server;
  TestClient& alice = server.interested("alice");
  alice.says(roster_set("<item jid='bob@localhost' name='Bob'/>"));
  const Jid user = *Jid::parse("alice@localhost");
  Hall& home = server.home_of(user);
  home.worker.adopt_thread();

  ContactsAsked event{server.host(home), user, nullptr};
  Answer<Verdict> answer = server.host(home).run(event);

  REQUIRE(answer.at_hand());
  REQUIRE(event.contacts != nullptr);
  const auto* const bob = event.contacts->find(*Jid::parse("bob@localhost"));
  REQUIRE(bob != nullptr);
  CHECK(event.contacts->name_of(*bob) == "Bob");
}

TEST_CASE("a request between addresses that no database can keep is turned down") {
  RosterServer server;
  const std::string name(1000, 'x');
  std::string domain = "example";
  while (domain.size() < 1000) domain += ".example";
  TestClient& user = server.interested(name);

  user.says(presence("subscribe", name + "@" + domain));
  CHECK(user.hears("<not-acceptable"));

  Hall& home = server.home_of(*Jid::parse(name + "@localhost"));
  home.worker.adopt_thread();
  home.router.route(make_stanza(StanzaKind::presence, StanzaType::subscribe, *Jid::parse(name + "@" + domain),
                                *Jid::parse(name + "@localhost"), {}, {}));
  server.turn();
  CHECK(!contains(user.heard(), "subscribe"));
  CHECK(server.roster_of(name).empty());
}

TEST_CASE("an account that is removed ends all its subscriptions, and nothing of it stays") {
  Neighbours here;
  here.are_friends();
  TestClient& carl = here.server.interested("carl");
  carl.says(presence("subscribe", "alice@localhost"));
  carl.heard();
  TestClient& dora = here.server.interested("dora");
  here.alice.says(presence("subscribe", "dora@localhost"));
  dora.heard();
  const Jid user = *Jid::parse("alice@localhost");

  here.server.home_of(user).worker.adopt_thread();
  here.server.home_of(user).fire(AccountRemoved{here.server.host(here.server.home_of(user)), user});
  here.server.turn();

  const std::string heard = here.bob.heard();
  CHECK(contains(heard, "<presence from='alice@localhost' to='bob@localhost' type='unsubscribed'/>"));
  CHECK(contains(heard, "<presence from='alice@localhost' to='bob@localhost' type='unsubscribe'/>"));
  CHECK(carl.hears("type='unsubscribed'"));
  CHECK(dora.hears("type='unsubscribe'"));
  CHECK(here.server.roster_of("bob") == "<item jid='alice@localhost' subscription='none'/>");
  CHECK(here.server.roster_of("carl") == "<item jid='alice@localhost' subscription='none'/>");
  for (const char* table : {"rosterusers", "rostergroups", "roster_version"})
    CHECK(here.server.database.rows()
              .run_query("", "SELECT 1 FROM " + std::string{table} + " WHERE username = 'alice'", {}, 1)
              .count() == 0);
}

TEST_CASE("requests that nobody answers are so many at most: one more is turned down") {
  RosterServer server;
  server.login("bob").disconnects();
  for (int i = 0; i < 250; ++i)
    server.database.rows().run_statement(
        "",
        "INSERT INTO rosterusers (server, username, jid, nick, subscription, ask, askmessage) VALUES ('localhost', "
        "'bob', ?, '', 'N', 'I', '')",
        sql::values("c" + std::to_string(i) + "@localhost"));
  TestClient& alice = server.interested("alice");

  alice.says(presence("subscribe", "bob@localhost"));

  CHECK(alice.hears("type='unsubscribed'"));
  CHECK(server.roster_of("alice") == "<item jid='bob@localhost' subscription='none'/>");
  TestClient& bob = server.login("bob");
  bob.says("<presence/>");
  const std::string heard = bob.heard();
  CHECK(contains(heard, "c249@localhost"));
  CHECK(!contains(heard, "alice@localhost"));
}

TEST_CASE("a very large request is heard whole, and kept without what it says") {
  RosterServer server;
  TestClient& bob = server.interested("bob");
  TestClient& alice = server.interested("alice");
  const std::string much(9000, 'x');

  alice.says("<presence type='subscribe' to='bob@localhost'><status>" + much + "</status></presence>");

  CHECK(bob.hears(much));
  TestClient& laptop = server.login("bob", "laptop");
  laptop.says("<presence/>");
  CHECK(laptop.hears("<presence from='alice@localhost' to='bob@localhost' type='subscribe'/>"));
}

TEST_CASE("a subscription that cannot be kept does not leave") {
  Neighbours here;

  here.server.database.broken = true;
  here.alice.says(presence("subscribe", "bob@localhost"));
  here.server.database.broken = false;

  CHECK(here.alice.hears("<internal-server-error"));
  CHECK(here.bob.heard().empty());
}

TEST_CASE("what comes behind a subscription for the same account stays behind it") {
  Neighbours here;
  here.alice_has_asked();
  here.server.database.is_slow = true;

  here.bob.says(presence("subscribed", "alice@localhost"));
  here.bob.says("<message to='alice@localhost' type='chat'><body>now you see me</body></message>");
  while (here.server.database.waiting() > 0) {
    here.server.database.answer();
    here.server.turn();
  }

  const std::string heard = here.alice.heard();
  CHECK(heard.find("type='subscribed'") < heard.find("now you see me"));
  CHECK(heard.find("<item jid='bob@localhost' subscription='to'/>") < heard.find("now you see me"));
}

TEST_CASE("without a roster, subscriptions are delivered like other presence") {
  TestServer server;
  TestClient& alice = server.online("alice");
  TestClient& bob = server.online("bob");

  alice.says(presence("subscribe", "bob@localhost"));

  CHECK(bob.hears("type='subscribe'"));
}

}  // namespace meerkat
