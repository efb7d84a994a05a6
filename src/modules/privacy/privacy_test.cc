// SPDX-License-Identifier: Apache-2.0
// XEP-0016: how lists are written, read and put in force.
#include <doctest/doctest.h>

#include "core/test_metrics.h"
#include "modules/privacy/test_contacts.h"

using namespace meerkat;

namespace {

constexpr std::string_view deny_bob = "<item type='jid' value='bob@localhost' action='deny' order='1'/>";

std::string list(std::string_view name, std::string_view items) {
  return "<list name='" + std::string{name} + "'>" + std::string{items} + "</list>";
}

}  // namespace

TEST_CASE("lists are told by name, the active and the default one first (XEP-0016 §2.3)") {
  PrivacyServer server;
  TestClient& alice = server.online("alice");
  CHECK(contains(lists(alice, "get", ""), "<query xmlns='jabber:iq:privacy'/>"));

  lists(alice, "set", list("public", deny_bob));
  lists(alice, "set", list("private", "<item action='deny' order='1'/>"));
  lists(alice, "set", "<active name='private'/>");
  lists(alice, "set", "<default name='public'/>");

  CHECK(contains(lists(alice, "get", ""),
                 "<active name='private'/><default name='public'/><list name='private'/><list name='public'/>"));
}

TEST_CASE("what clients do with their lists is counted, and so are the calls of the store") {
  PrivacyServer server;
  TestClient& alice = server.online("alice");

  lists(alice, "set", list("public", deny_bob));
  lists(alice, "set", "<active name='public'/>");
  lists(alice, "set", "<default name='public'/>");
  lists(alice, "get", "");

  CHECK(counted(server.metrics, "mod_privacy_get", "count") == 1);
  CHECK(counted(server.metrics, "mod_privacy_set", "count") == 3);
  CHECK(counted(server.metrics, "mod_privacy_set", "active_count") == 1);
  CHECK(counted(server.metrics, "mod_privacy_set", "default_count") == 1);
  CHECK(counted(server.metrics, "mod_privacy_push_item", "count") == 1);
  // One reading of the default at the login, two of names, one list written, two read, and one made default.
  CHECK(counted(server.metrics, "mod_privacy_mnesia", "count") == 7);
}

TEST_CASE("a list is given as it was written, in the order of its rules (XEP-0016 §2.3)") {
  PrivacyServer server;
  TestClient& alice = server.online("alice");
  server.contacts.set("alice", "carol", Subscription::both, {"Friends"});

  lists(alice, "set",
        list("all",
             "<item action='deny' order='9'/>"
             "<item type='group' value='Friends' action='allow' order='2'><presence-in/><iq/></item>"
             "<item type='subscription' value='both' action='allow' order='3'><message/><presence-out/></item>"
             "<item type='jid' value='BOB@localhost' action='deny' order='1'/>"));

  CHECK(contains(lists(alice, "get", "<list name='all'/>"),
                 "<list name='all'><item type='jid' value='bob@localhost' action='deny' order='1'/>"
                 "<item type='group' value='Friends' action='allow' order='2'><iq/><presence-in/></item>"
                 "<item type='subscription' value='both' action='allow' order='3'><message/><presence-out/></item>"
                 "<item action='deny' order='9'/></list>"));
}

TEST_CASE("what is wrong with a request about lists is said (XEP-0016 §2.1, §2.3)") {
  PrivacyServer server;
  TestClient& alice = server.online("alice");
  lists(alice, "set", list("a", deny_bob));

  for (const std::string_view wrong : {
           "<list name='a'/><list name='b'/>",
           "<active/><default/>",
           "",
           "<other/>",
           "<list><item action='deny' order='1'/></list>",
           "<list name=''><item action='deny' order='1'/></list>",
           "<list name='x'><item action='deny' order='1'/><item action='allow' order='1'/></list>",
           "<list name='x'><item action='perhaps' order='1'/></list>",
           "<list name='x'><item order='1'/></list>",
           "<list name='x'><item action='deny'/></list>",
           "<list name='x'><item action='deny' order='-1'/></list>",
           "<list name='x'><item action='deny' order='4294967296'/></list>",
           "<list name='x'><item type='jid' action='deny' order='1'/></list>",
           "<list name='x'><item type='colour' value='red' action='deny' order='1'/></list>",
           "<list name='x'><item type='subscription' value='remove' action='deny' order='1'/></list>",
           "<list name='x'><item action='deny' order='1'><presence/></item></list>",
       })
    CHECK_MESSAGE(contains(lists(alice, "set", wrong), "<bad-request"), wrong);
  CHECK(contains(lists(alice, "set", list("x", "<item type='jid' value='@' action='deny' order='1'/>")),
                 "<jid-malformed"));
  CHECK(contains(lists(alice, "get", "<list name='a'/><list name='a'/>"), "<bad-request"));
  CHECK(contains(lists(alice, "get", "<list/>"), "<bad-request"));
  CHECK(contains(lists(alice, "get", "<list name='none'/>"), "<item-not-found"));
  CHECK(contains(lists(alice, "set", "<active name='none'/>"), "<item-not-found"));
  CHECK(contains(lists(alice, "set", "<default name='none'/>"), "<item-not-found"));
  CHECK(contains(lists(alice, "set", "<list name='none'/>"), "<item-not-found"));
}

TEST_CASE("a rule about a group that is not in the roster is refused (XEP-0016 §2.1)") {
  PrivacyServer server;
  server.contacts.set("alice", "carol", Subscription::both, {"Friends"});
  TestClient& alice = server.online("alice");

  CHECK(contains(lists(alice, "set", list("g", "<item type='group' value='Foes' action='deny' order='1'/>")),
                 "<item-not-found"));
  CHECK(is_result(lists(alice, "set", list("g", "<item type='group' value='Friends' action='deny' order='1'/>"))));
}

TEST_CASE("all resources hear the name of a list that was changed (XEP-0016 §2.2, §2.6)") {
  PrivacyServer server;
  TestClient& phone = server.online("alice", "phone");
  TestClient& laptop = server.login("alice", "laptop");

  const std::string heard = lists(phone, "set", list("mine", deny_bob));

  const std::string_view push = "<query xmlns='jabber:iq:privacy'><list name='mine'/></query>";
  CHECK(contains(heard, push));
  CHECK(is_result(heard));
  const std::string other = laptop.heard();
  CHECK(contains(other, push));
  CHECK(contains(other, "to='alice@localhost/laptop' type='set'"));
}

TEST_CASE("a list in use elsewhere is neither removed nor replaced as default (XEP-0016 §2.2, §2.5, §2.8)") {
  PrivacyServer server;
  TestClient& phone = server.online("alice", "phone");
  lists(phone, "set", list("one", deny_bob));
  lists(phone, "set", list("two", deny_bob));
  CHECK(is_result(lists(phone, "set", "<default name='one'/>")));
  TestClient& laptop = server.online("alice", "laptop");

  CHECK(contains(lists(phone, "set", "<default name='two'/>"), "<conflict"));
  CHECK(contains(lists(phone, "set", "<default/>"), "<conflict"));
  CHECK(contains(lists(phone, "set", "<list name='one'/>"), "<conflict"));
  CHECK(is_result(lists(phone, "set", "<default name='one'/>")));

  // The other has a list of its own: the default is free, and that list is not.
  CHECK(is_result(lists(laptop, "set", "<active name='two'/>")));
  CHECK(contains(lists(phone, "set", "<list name='two'/>"), "<conflict"));
  CHECK(is_result(lists(phone, "set", "<default/>")));
  CHECK(is_result(lists(phone, "set", "<list name='one'/>")));
  laptop.disconnects();
  CHECK(is_result(lists(phone, "set", "<list name='two'/>")));
  CHECK(contains(lists(phone, "get", ""), "<query xmlns='jabber:iq:privacy'/>"));
}

TEST_CASE("a list that only its remover goes by is removed, and nothing is in force then (XEP-0016 §2.8)") {
  PrivacyServer server;
  TestClient& alice = server.online("alice");
  TestClient& bob = server.online("bob");
  goes_by(alice, deny_bob);
  lists(alice, "set", "<active name='mine'/>");

  CHECK(is_result(lists(alice, "set", "<list name='mine'/>")));

  bob.says(chat("alice@localhost"));
  CHECK(alice.hears("hi"));
}

TEST_CASE("an active list is in force for its session alone and until it ends (XEP-0016 §2.2, §2.4)") {
  PrivacyServer server;
  TestClient& bob = server.online("bob");
  TestClient& phone = server.online("alice", "phone");
  TestClient& laptop = server.online("alice", "laptop");
  lists(phone, "set", list("mine", deny_bob));
  CHECK(is_result(lists(phone, "set", "<active name='mine'/>")));
  laptop.heard();

  bob.says(chat("alice@localhost"));
  CHECK(!phone.hears("hi"));
  CHECK(laptop.hears("hi"));

  CHECK(is_result(lists(phone, "set", "<active/>")));
  bob.says(chat("alice@localhost/phone"));
  CHECK(phone.hears("hi"));

  lists(phone, "set", "<active name='mine'/>");
  phone.disconnects();
  TestClient& again = server.online("alice", "phone");
  bob.says(chat("alice@localhost/phone"));
  CHECK(again.hears("hi"));
}

TEST_CASE("an active list replaces the default list and is not added to it (XEP-0016 §2.2)") {
  PrivacyServer server;
  TestClient& alice = server.online("alice");
  TestClient& bob = server.online("bob");
  TestClient& carol = server.online("carol");
  goes_by(alice, deny_bob);
  lists(alice, "set", list("other", "<item type='jid' value='carol@localhost' action='deny' order='1'/>"));
  lists(alice, "set", "<active name='other'/>");
  alice.heard();

  bob.says(chat("alice@localhost", "from bob"));
  carol.says(chat("alice@localhost", "from carol"));

  const std::string heard = alice.heard();
  CHECK(contains(heard, "from bob"));
  CHECK(!contains(heard, "from carol"));
}

TEST_CASE("a changed list is in force at once, for all who go by it (XEP-0016 §2.2)") {
  PrivacyServer server;
  TestClient& bob = server.online("bob");
  TestClient& phone = server.online("alice", "phone");
  goes_by(phone, "<item type='jid' value='carol@localhost' action='deny' order='1'/>");
  TestClient& laptop = server.online("alice", "laptop");

  lists(phone, "set", list("mine", deny_bob));

  for (TestClient* each : {&phone, &laptop}) {
    each->heard();
    bob.says(chat(each->session->jid.text()));
    CHECK(!each->hears("hi"));
  }
}

TEST_CASE("strangers learn nothing of somebody's lists") {
  PrivacyServer server;
  server.online("alice");
  TestClient& eve = server.online("eve");

  for (const std::string_view who : {"alice@localhost", "nobody@localhost"}) {
    for (const std::string_view query :
         {"<query xmlns='jabber:iq:privacy'/>", "<blocklist xmlns='urn:xmpp:blocking'/>"}) {
      eve.says("<iq type='get' id='1' to='" + std::string{who} + "'>" + std::string{query} + "</iq>");
      CHECK(eve.hears("<service-unavailable"));
    }
    eve.says("<iq type='set' id='1' to='" + std::string{who} +
             "'><block xmlns='urn:xmpp:blocking'><item jid='bob@localhost'/></block></iq>");
    CHECK(eve.hears("<service-unavailable"));
  }
}

TEST_CASE("lists are limited in number and in length") {
  TestServer server;
  REQUIRE(server.start(privacy_module(), "max_lists = 2\nmax_items = 2").empty());
  TestClient& alice = server.online("alice");
  const std::string three = std::string{deny_bob} + "<item action='deny' order='2'/><item action='allow' order='3'/>";

  CHECK(contains(lists(alice, "set", list("a", three)), "<resource-constraint"));
  CHECK(is_result(lists(alice, "set", list("a", deny_bob))));
  CHECK(is_result(lists(alice, "set", list("b", deny_bob))));
  CHECK(contains(lists(alice, "set", list("c", deny_bob)), "<resource-constraint"));
  CHECK(is_result(lists(alice, "set", list("b", deny_bob))));
}

TEST_CASE("lists end with their account") {
  PrivacyServer server;
  TestClient& alice = server.online("alice");
  goes_by(alice, deny_bob);
  alice.disconnects();

  const Jid user = *Jid::parse("alice@localhost");
  Hall& home = server.home_of(user);
  home.worker.adopt_thread();
  home.fire(AccountRemoved{TestServer::host(home), user});
  server.turn();

  TestClient& another = server.online("alice");
  CHECK(contains(lists(another, "get", ""), "<query xmlns='jabber:iq:privacy'/>"));
  TestClient& bob = server.online("bob");
  bob.says(chat("alice@localhost"));
  CHECK(another.hears("hi"));
}
