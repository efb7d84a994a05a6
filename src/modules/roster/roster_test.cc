// SPDX-License-Identifier: Apache-2.0
// RFC 6121 §2.
#include "modules/roster/roster.h"

#include <doctest/doctest.h>

#include "core/events/account_events.h"
#include "modules/roster/test_roster.h"

using namespace meerkat;
using namespace std::chrono_literals;

namespace {

constexpr std::string_view get = "<iq type='get' id='g'><query xmlns='jabber:iq:roster'/></iq>";

}  // namespace

TEST_CASE("§2.2: a new account has an empty roster") {
  RosterServer server;
  TestClient& alice = server.login("alice");

  alice.says(get);

  CHECK(alice.heard() ==
        "<iq from='alice@localhost' to='alice@localhost/phone' type='result' id='g'><query "
        "xmlns='jabber:iq:roster'/></iq>");
}

TEST_CASE("§2.3: a contact that was added is in the roster, with its name and groups") {
  RosterServer server;
  TestClient& alice = server.login("alice");

  alice.says(roster_set("<item jid='bob@localhost' name='B&amp;b'><group>Work</group><group>&lt;3</group></item>"));

  CHECK(alice.hears("type='result'"));
  CHECK(server.roster_of("alice") ==
        "<item jid='bob@localhost' name='B&amp;b' subscription='none'><group>&lt;3</group><group>Work</group></item>");
}

TEST_CASE("§2.1.2: what a client says of subscriptions in a roster set is ignored") {
  RosterServer server;
  TestClient& alice = server.login("alice");

  alice.says(roster_set("<item jid='bob@localhost' subscription='both' ask='subscribe' approved='true'/>"));

  CHECK(server.roster_of("alice") == "<item jid='bob@localhost' subscription='none'/>");
}

TEST_CASE("§2.4: an update replaces name and groups and leaves the subscription alone") {
  RosterServer server;
  TestClient& alice = server.interested("alice");
  TestClient& bob = server.interested("bob");
  server.make_friends(alice, bob);
  alice.says(roster_set("<item jid='bob@localhost' name='Bob'><group>Work</group></item>"));

  alice.says(roster_set("<item jid='bob@localhost' name='Bobby'><group>Friends</group></item>"));

  CHECK(server.roster_of("alice") ==
        "<item jid='bob@localhost' name='Bobby' subscription='both'><group>Friends</group></item>");
}

TEST_CASE("§2.1.6: interested sessions hear of a change, each at its own address, and others do not") {
  RosterServer server;
  TestClient& phone = server.interested("alice", "phone");
  TestClient& laptop = server.interested("alice", "laptop");
  TestClient& tablet = server.online("alice", "tablet");
  TestClient& bob = server.interested("bob");
  phone.heard();
  laptop.heard();

  phone.says(roster_set("<item jid='bob@localhost'/>"));

  const std::string push = "type='set' id='push";
  const std::string heard = phone.heard();
  CHECK(contains(heard, "<iq to='alice@localhost/phone' type='set' id='push"));
  CHECK(contains(heard, "type='result' id='set'"));
  CHECK(contains(heard, "<item jid='bob@localhost' subscription='none'/>"));
  CHECK(laptop.hears("<iq to='alice@localhost/laptop' type='set' id='push"));
  CHECK(tablet.heard().empty());
  CHECK(bob.heard().empty());
}

TEST_CASE("§2.1.6: what a client answers to a push goes nowhere") {
  RosterServer server;
  TestClient& alice = server.interested("alice");

  alice.says("<iq type='result' id='push1'/>");
  alice.says("<iq type='error' id='push1'><error type='cancel'/></iq>");

  CHECK(alice.heard().empty());
}

TEST_CASE("§2.5: a removed contact is gone, and interested sessions hear that") {
  RosterServer server;
  TestClient& alice = server.interested("alice");
  alice.says(roster_set("<item jid='bob@localhost'/>"));
  alice.heard();

  alice.says(roster_set("<item jid='bob@localhost' subscription='remove'/>"));

  const std::string heard = alice.heard();
  CHECK(contains(heard, "<item jid='bob@localhost' subscription='remove'/>"));
  CHECK(contains(heard, "type='result' id='set'"));
  CHECK(server.roster_of("alice").empty());
}

TEST_CASE("§2.5.3: who is no contact cannot be removed") {
  RosterServer server;
  TestClient& alice = server.interested("alice");

  alice.says(roster_set("<item jid='bob@localhost' subscription='remove'/>"));

  CHECK(alice.hears("<item-not-found"));
}

TEST_CASE("§2.3.3: a roster set that cannot be is refused, and changes nothing") {
  struct Mistake {
    std::string items;
    std::string_view condition;
  };
  const std::string long_name(1024, 'x');
  std::string many_groups = "<item jid='bob@localhost'>";
  for (int i = 0; i < 65; ++i) many_groups += "<group>" + std::to_string(i) + "</group>";
  many_groups += "</item>";
  const std::vector<Mistake> mistakes{
      {"", "<bad-request"},
      {"<item jid='bob@localhost'/><item jid='eve@localhost'/>", "<bad-request"},
      {"<item name='Bob'/>", "<bad-request"},
      {"<item jid='@localhost'/>", "<jid-malformed"},
      {"<item jid='bob@localhost'><group>a</group><group>a</group></item>", "<bad-request"},
      {"<item jid='bob@localhost'><group/></item>", "<not-acceptable"},
      {"<item jid='bob@localhost' name='" + long_name + "'/>", "<not-acceptable"},
      {"<item jid='bob@localhost'><group>" + long_name + "</group></item>", "<not-acceptable"},
      {many_groups, "<not-acceptable"},
      {"<item jid='alice@localhost'/>", "<not-allowed"}};
  RosterServer server;
  TestClient& alice = server.interested("alice");
  for (const Mistake& mistake : mistakes) {
    CAPTURE(mistake.items);

    alice.says(roster_set(mistake.items));

    CHECK(alice.hears(mistake.condition));
    CHECK(server.roster_of("alice").empty());
  }
}

TEST_CASE("§2.3.3: the longest names and the most groups are taken") {
  RosterServer server;
  TestClient& alice = server.interested("alice");
  const std::string name(1023, 'x');
  std::string item = "<item jid='bob@localhost' name='" + name + "'><group>" + name + "</group>";
  for (int i = 0; i < 63; ++i) item += "<group>" + std::to_string(i) + "</group>";

  alice.says(roster_set(item + "</item>"));

  CHECK(alice.hears("type='result' id='set'"));
}

TEST_CASE("a contact whose address and groups no database can keep is refused") {
  RosterServer server;
  TestClient& alice = server.interested("alice");
  const std::string name(1000, 'x');
  std::string domain = "example";
  while (domain.size() < 1000) domain += ".example";
  const std::string group = "<group>" + name + "</group>";
  const std::string bare = name + "@" + domain;

  for (const std::string& item : {"<item jid='" + bare + "/" + name + "'/>",
                                  "<item jid='" + bare + "'><group>short</group>" + group + "</item>"}) {
    alice.says(roster_set(item));
    CHECK(alice.hears("<not-acceptable"));
  }
  CHECK(server.roster_of("alice").empty());
  alice.says(roster_set("<item jid='" + bare + "'/>"));
  CHECK(alice.hears("type='result' id='set'"));
}

TEST_CASE("§2.3.3: nobody reads or changes the roster of somebody else, or learns whether there is one") {
  RosterServer server;
  server.login("bob");
  TestClient& alice = server.login("alice");
  for (const std::string_view whose : {"bob@localhost", "nobody@localhost"}) {
    const std::string to = " to='" + std::string{whose} + "' ";

    alice.says("<iq type='get' id='g'" + to + "><query xmlns='jabber:iq:roster'/></iq>");
    CHECK(alice.hears("<forbidden"));
    alice.says("<iq type='set' id='s'" + to + "><query xmlns='jabber:iq:roster'><item jid='x@y'/></query></iq>");
    CHECK(alice.hears("<forbidden"));
  }
  CHECK(server.roster_of("bob").empty());
}

TEST_CASE("§2.1.6: what looks like a push comes from whoever sent it") {
  RosterServer server;
  TestClient& bob = server.interested("bob");
  TestClient& eve = server.login("eve");

  eve.says(
      "<iq type='set' id='push1' to='bob@localhost/phone'><query xmlns='jabber:iq:roster'><item jid='eve@localhost' "
      "subscription='both'/></query></iq>");

  CHECK(bob.hears("<iq from='eve@localhost/phone' to='bob@localhost/phone' type='set'"));
  CHECK(server.roster_of("bob").empty());
}

TEST_CASE("a roster has at most so many contacts, and what is there can still be changed") {
  RosterServer server{"max_contacts = 2"};
  TestClient& alice = server.interested("alice");
  alice.says(roster_set("<item jid='a@localhost'/>"));
  alice.says(roster_set("<item jid='b@localhost'/>"));
  alice.heard();

  alice.says(roster_set("<item jid='c@localhost'/>"));
  CHECK(alice.hears("<resource-constraint"));
  alice.says("<presence type='subscribe' to='c@localhost'/>");
  CHECK(alice.hears("<resource-constraint"));
  alice.says(roster_set("<item jid='b@localhost' name='Bea'/>"));
  CHECK(alice.hears("type='result' id='set'"));
  alice.says(roster_set("<item jid='a@localhost' subscription='remove'/>"));
  alice.says(roster_set("<item jid='c@localhost'/>", "again"));
  CHECK(alice.hears("type='result' id='again'"));
}

TEST_CASE("a change is acknowledged when it is in the store, and not when it is not") {
  RosterServer server;
  TestClient& alice = server.interested("alice");
  server.database.is_slow = true;
  alice.says(roster_set("<item jid='bob@localhost'/>"));
  CHECK(alice.heard().empty());
  server.database.answer_all();
  server.turn();
  CHECK(alice.hears("type='result' id='set'"));
  server.database.is_slow = false;

  server.database.broken = true;
  alice.says(roster_set("<item jid='carl@localhost'/>"));
  const std::string heard = alice.heard();
  CHECK(contains(heard, "<internal-server-error"));
  CHECK(!contains(heard, "type='result'"));
  CHECK(!contains(heard, "push"));
  server.database.broken = false;

  CHECK(server.roster_of("alice") == "<item jid='bob@localhost' subscription='none'/>");
}

TEST_CASE("requests and subscriptions of one client do not overtake each other") {
  for (const std::string_view type : {"one_queue", "no_queue", "parallel", "queues"}) {
    CAPTURE(type);
    std::string options = "iqdisc.type = '" + std::string{type} + "'";
    if (type == "queues") options += "\niqdisc.workers = 3";
    RosterServer server{options};
    TestClient& carl = server.login("carl");
    TestClient& alice = server.login("alice");
    server.database.is_slow = true;
    carl.says(get);

    alice.says(roster_set("<item jid='bob@localhost' name='one'/>", "1"));
    alice.says("<presence type='subscribe' to='bob@localhost'/>");
    alice.says(roster_set("<item jid='bob@localhost' name='two'/>", "2"));
    while (server.database.waiting() > 0) {
      server.database.answer();
      server.turn();
    }
    server.database.is_slow = false;

    CHECK(server.roster_of("alice") == "<item jid='bob@localhost' name='two' subscription='none' ask='subscribe'/>");
  }
}

TEST_CASE("a roster of 2000 contacts is read with one query") {
  RosterServer server;
  for (int i = 0; i < 2000; ++i) {
    const std::string jid = "c" + std::to_string(i) + "@localhost";
    server.database.rows().run_statement("",
                                         "INSERT INTO rosterusers (server, username, jid, nick, subscription, ask, "
                                         "askmessage) VALUES ('localhost', 'alice', ?, 'Somebody', 'B', 'N', '')",
                                         sql::values(jid));
    for (const char* group : {"Friends", "Work"})
      server.database.rows().run_statement(
          "", "INSERT INTO rostergroups (server, username, jid, grp) VALUES ('localhost', 'alice', ?, ?)",
          sql::values(jid, group));
  }
  TestClient& alice = server.login("alice");
  const std::size_t before = server.database.reads;

  alice.says(get);

  CHECK(server.database.reads == before + 1);
  const std::string heard = alice.heard();
  CHECK(contains(heard,
                 "<item jid='c1999@localhost' name='Somebody' subscription='both'><group>Friends</group>"
                 "<group>Work</group></item>"));
  alice.says("<presence/>");
  CHECK(server.database.reads == before + 1);
}

TEST_CASE("a roster that nobody looked at for a minute is read anew") {
  RosterServer server;
  TestClient& alice = server.interested("alice");
  const std::size_t before = server.database.reads;
  alice.says(get);
  CHECK(server.database.reads == before);

  server.passes(75s);
  alice.says(get);

  CHECK(server.database.reads == before + 1);
}

TEST_CASE("rows of MongooseIM's tables are understood") {
  RosterServer server;
  const auto row = [&](std::string_view jid, std::string_view subscription, std::string_view ask) {
    server.database.rows().run_statement("",
                                         "INSERT INTO rosterusers (server, username, jid, nick, subscription, ask, "
                                         "askmessage) VALUES ('localhost', 'alice', ?, '', ?, ?, 'hello')",
                                         sql::values(jid, subscription, ask));
  };
  row("a@x", "N", "N");
  row("b@x", "T", "I");
  row("c@x", "F", "O");
  row("d@x", "B", "N");
  row("e@x", "N", "B");
  row("f@x", "N", "I");
  row("no@address@x", "B", "N");

  CHECK(server.roster_of("alice") ==
        "<item jid='a@x' subscription='none'/><item jid='b@x' subscription='to'/>"
        "<item jid='c@x' subscription='from' ask='subscribe'/><item jid='d@x' subscription='both'/>"
        "<item jid='e@x' subscription='none' ask='subscribe'/>");
  TestClient& alice = server.login("alice");
  alice.says("<presence/>");
  CHECK(alice.hears("<presence from='f@x' to='alice@localhost' type='subscribe'><status>hello</status></presence>"));
}

TEST_CASE("somebody who takes the name of an account that is gone gets an empty roster") {
  RosterServer server;
  TestClient& alice = server.login("alice");
  alice.says(roster_set("<item jid='bob@localhost'/>"));
  alice.disconnects();

  server.home_of(*Jid::parse("alice@localhost"))
      .fire(AccountRegistered{server.host(server.home_of(*Jid::parse("alice@localhost"))),
                              *Jid::parse("alice@localhost")});
  server.turn();

  CHECK(server.roster_of("alice").empty());
}
