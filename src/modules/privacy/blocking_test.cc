// SPDX-License-Identifier: Apache-2.0
// XEP-0191, and how it and XEP-0016 see the same lists.
#include <doctest/doctest.h>

#include "modules/privacy/test_contacts.h"

using namespace meerkat;

namespace {

constexpr std::string_view bob_item = "<item jid='bob@localhost'/>";

}  // namespace

TEST_CASE("the block list begins empty, grows and shrinks (XEP-0191 §3.2, §3.3, §3.4)") {
  PrivacyServer server;
  TestClient& alice = server.online("alice");
  CHECK(contains(blocking(alice, "get", "blocklist"), "<blocklist xmlns='urn:xmpp:blocking'/>"));

  blocks(alice, "bob@localhost");
  blocks(alice, "CAROL@localhost");
  blocks(alice, "bob@localhost");
  CHECK(contains(blocking(alice, "get", "blocklist"),
                 "<item jid='bob@localhost'/><item jid='carol@localhost'/></blocklist>"));
  CHECK(is_result(blocking(alice, "set", "unblock", bob_item)));
  CHECK(contains(blocking(alice, "get", "blocklist"),
                 "<blocklist xmlns='urn:xmpp:blocking'><item jid='carol@localhost'/></blocklist>"));
  CHECK(is_result(blocking(alice, "set", "unblock", bob_item)));
}

TEST_CASE("resources that asked for the block list hear of changes, and no others (XEP-0191 §3.3, §3.4, §3.5)") {
  PrivacyServer server;
  TestClient& phone = server.online("alice", "phone");
  TestClient& laptop = server.login("alice", "laptop");
  TestClient& tablet = server.login("alice", "tablet");
  blocking(laptop, "get", "blocklist");

  blocking(phone, "set", "block", "<item jid='bob@localhost'/><item jid='localhost'/>");
  CHECK(laptop.hears("<block xmlns='urn:xmpp:blocking'><item jid='bob@localhost'/><item jid='localhost'/></block>"));
  blocking(phone, "set", "unblock", bob_item);
  CHECK(laptop.hears("<unblock xmlns='urn:xmpp:blocking'><item jid='bob@localhost'/></unblock>"));
  blocking(phone, "set", "unblock");
  CHECK(laptop.hears("<unblock xmlns='urn:xmpp:blocking'/>"));
  CHECK(tablet.heard().empty());
}

TEST_CASE("a command without addresses, or with none that is one, changes nothing (XEP-0191 §3.3)") {
  PrivacyServer server;
  TestClient& alice = server.online("alice");

  CHECK(contains(blocking(alice, "set", "block"), "<bad-request"));
  CHECK(contains(blocking(alice, "set", "block", "<other/>"), "<bad-request"));
  CHECK(contains(blocking(alice, "set", "block", "<item/>"), "<bad-request"));
  CHECK(contains(blocking(alice, "set", "block", "<item jid='bob@localhost'/><item jid='@'/>"), "<jid-malformed"));
  CHECK(contains(blocking(alice, "set", "blocklist"), "<bad-request"));
  CHECK(contains(blocking(alice, "get", "block"), "<bad-request"));
  CHECK(contains(blocking(alice, "get", "blocklist"), "<blocklist xmlns='urn:xmpp:blocking'/>"));
}

TEST_CASE("who is blocked hears that nobody is there, and what is said to him comes back (XEP-0191 §3.3)") {
  PrivacyServer server;
  TestClient& alice = server.online("alice");
  TestClient& bob = server.online("bob");
  blocks(alice, "bob@localhost");

  bob.says(chat("alice@localhost"));
  CHECK(bob.hears("<service-unavailable"));
  bob.says("<iq type='get' id='1' to='alice@localhost/phone'><query xmlns='jabber:iq:version'/></iq>");
  CHECK(bob.hears("<service-unavailable"));
  bob.says("<presence to='alice@localhost'/>");
  CHECK(bob.heard().empty());
  CHECK(alice.heard().empty());
  alice.says(chat("bob@localhost"));
  const std::string heard = alice.heard();
  CHECK(contains(heard, "<not-acceptable"));
  CHECK(contains(heard, "<blocked xmlns='urn:xmpp:blocking:errors'/>"));
  CHECK(bob.heard().empty());
}

TEST_CASE("who is unblocked gets through again, also after all were (XEP-0191 §3.4, §3.5)") {
  PrivacyServer server;
  TestClient& alice = server.online("alice");
  TestClient& bob = server.online("bob");
  for (const std::string_view whom : {bob_item, std::string_view{}}) {
    blocks(alice, "bob@localhost");
    CHECK(is_result(blocking(alice, "set", "unblock", whom)));

    bob.says(chat("alice@localhost"));
    CHECK(alice.hears("hi"));
    alice.says(chat("bob@localhost"));
    CHECK(bob.hears("hi"));
  }
}

TEST_CASE("a block lasts across sessions (XEP-0191 §3.3)") {
  PrivacyServer server;
  TestClient& bob = server.online("bob");
  TestClient& alice = server.online("alice");
  blocks(alice, "bob@localhost");
  alice.disconnects();

  TestClient& again = server.online("alice");
  bob.says(chat("alice@localhost"));
  CHECK(!again.hears("hi"));
}

TEST_CASE("contacts who are blocked see their owner leave, and come back when unblocked (XEP-0191 §3.3, §3.4)") {
  PrivacyServer server;
  server.contacts.set("alice", "bob", Subscription::both);
  server.contacts.set("alice", "carol", Subscription::to);
  TestClient& bob = server.online("bob");
  TestClient& carol = server.online("carol");
  TestClient& alice = server.online("alice");
  server.contacts.meet(alice);
  bob.heard();

  blocking(alice, "set", "block", "<item jid='bob@localhost'/><item jid='carol@localhost'/>");
  CHECK(bob.heard() == "<presence from='alice@localhost/phone' to='bob@localhost' type='unavailable'/>");
  CHECK(carol.heard().empty());
  blocking(alice, "set", "unblock");
  CHECK(bob.hears("<presence from='alice@localhost/phone' to='bob@localhost'><priority>"));
  CHECK(carol.heard().empty());
}

TEST_CASE("who blocks a contact sees him leave (XEP-0016 §2.10)") {
  PrivacyServer server;
  server.contacts.set("alice", "bob", Subscription::to);
  TestClient& alice = server.online("alice");

  const std::string heard = blocking(alice, "set", "block", bob_item);

  CHECK(contains(heard, "<presence from='bob@localhost' to='alice@localhost/phone' type='unavailable'/>"));
}

TEST_CASE("who got directed presence hears of its end when he is blocked, and not again") {
  PrivacyServer server;
  TestClient& alice = server.online("alice");
  TestClient& bob = server.online("bob");
  alice.says("<presence to='bob@localhost'/>");
  bob.heard();

  blocks(alice, "bob@localhost");
  CHECK(bob.heard() == "<presence from='alice@localhost/phone' to='bob@localhost' type='unavailable'/>");
  alice.disconnects();
  CHECK(bob.heard().empty());
}

TEST_CASE("the block list is what the default privacy list denies altogether (XEP-0191 §5)") {
  PrivacyServer server;
  TestClient& alice = server.online("alice");
  blocking(alice, "get", "blocklist");
  goes_by(alice,
          "<item type='jid' value='eve@localhost' action='deny' order='7'/>"
          "<item type='jid' value='carol@localhost' action='deny' order='8'><message/></item>"
          "<item type='jid' value='dave@localhost' action='allow' order='9'/>");
  CHECK(contains(blocking(alice, "get", "blocklist"),
                 "<blocklist xmlns='urn:xmpp:blocking'><item jid='eve@localhost'/></blocklist>"));

  // §5: blocked addresses come first, and the rest of the list stays.
  blocks(alice, "bob@localhost");
  CHECK(contains(lists(alice, "get", "<list name='mine'/>"),
                 "<list name='mine'><item type='jid' value='bob@localhost' action='deny' order='1'/>"
                 "<item type='jid' value='eve@localhost' action='deny' order='2'/>"
                 "<item type='jid' value='carol@localhost' action='deny' order='3'><message/></item>"
                 "<item type='jid' value='dave@localhost' action='allow' order='4'/></list>"));
  CHECK(is_result(blocking(alice, "set", "unblock")));
  CHECK(contains(lists(alice, "get", "<list name='mine'/>"), "carol@localhost"));
}

TEST_CASE("who never made a privacy list gets one by blocking, and it goes when it is empty (XEP-0191 §5)") {
  PrivacyServer server;
  TestClient& alice = server.online("alice");
  blocks(alice, "bob@localhost");
  CHECK(contains(lists(alice, "get", ""), "<default name='blocking'/><list name='blocking'/>"));

  blocking(alice, "set", "unblock", bob_item);

  CHECK(contains(lists(alice, "get", ""), "<query xmlns='jabber:iq:privacy'/>"));
}

TEST_CASE("a change of the default privacy list is a change of the block list (XEP-0191 §5)") {
  PrivacyServer server;
  TestClient& alice = server.online("alice");
  blocks(alice, "bob@localhost");
  TestClient& laptop = server.login("alice", "laptop");
  blocking(laptop, "get", "blocklist");

  lists(alice, "set", "<list name='blocking'><item type='jid' value='eve@localhost' action='deny' order='1'/></list>");

  const std::string heard = laptop.heard();
  CHECK(contains(heard, "<unblock xmlns='urn:xmpp:blocking'><item jid='bob@localhost'/></unblock>"));
  CHECK(contains(heard, "<block xmlns='urn:xmpp:blocking'><item jid='eve@localhost'/></block>"));
}

TEST_CASE("an active list of another name lets through whom the block list blocks (XEP-0191 §5)") {
  PrivacyServer server;
  TestClient& alice = server.online("alice");
  TestClient& bob = server.online("bob");
  blocks(alice, "bob@localhost");
  lists(alice, "set", "<list name='open'><item action='allow' order='1'/></list>");
  lists(alice, "set", "<active name='open'/>");
  alice.heard();

  bob.says(chat("alice@localhost"));

  CHECK(alice.hears("hi"));
}

TEST_CASE("the blocking command works alone, and privacy lists are not offered then") {
  TestServer server;
  REQUIRE(server.start(blocking_module(), "max_items = 2").empty());
  TestClient& alice = server.online("alice");
  TestClient& bob = server.online("bob");
  blocks(alice, "bob@localhost");

  bob.says(chat("alice@localhost"));
  CHECK(bob.hears("<service-unavailable"));
  CHECK(contains(lists(alice, "get", ""), "<service-unavailable"));
  blocks(alice, "carol@localhost");
  CHECK(contains(blocking(alice, "set", "block", "<item jid='eve@localhost'/>"), "<resource-constraint"));
}

TEST_CASE("a report comes along with a block and stands in nobody's way (XEP-0377 §6)") {
  PrivacyServer server;
  TestClient& alice = server.online("alice");

  const std::string heard =
      blocking(alice, "set", "block",
               "<item jid='bob@localhost'><report xmlns='urn:xmpp:reporting:1' reason='urn:xmpp:reporting:spam'>"
               "<text>Never came trouble to my house like this.</text></report></item>");

  CHECK(is_result(heard));
  CHECK(contains(blocking(alice, "get", "blocklist"),
                 "<blocklist xmlns='urn:xmpp:blocking'><item jid='bob@localhost'/></blocklist>"));
}

TEST_CASE("commands of several resources at once are carried out one after the other") {
  PrivacyServer server(1);
  TestClient& phone = server.online("alice", "phone");
  TestClient& laptop = server.online("alice", "laptop");
  server.database.is_slow = true;
  phone.says("<iq type='set' id='1'><block xmlns='urn:xmpp:blocking'><item jid='bob@localhost'/></block></iq>");
  laptop.says("<iq type='set' id='2'><block xmlns='urn:xmpp:blocking'><item jid='carol@localhost'/></block></iq>");

  server.database.is_slow = false;
  for (int i = 0; i < 8; ++i) {
    server.database.answer_all();
    server.turn();
  }

  CHECK(contains(blocking(phone, "get", "blocklist"), "<item jid='carol@localhost'/><item jid='bob@localhost'/>"));
}

TEST_CASE("a command that the store could not keep changes nothing and is answered so") {
  PrivacyServer server;
  TestClient& alice = server.online("alice");
  TestClient& bob = server.online("bob");
  server.database.broken = true;
  CHECK(contains(blocking(alice, "set", "block", bob_item), "<internal-server-error"));
  server.database.broken = false;

  bob.says(chat("alice@localhost"));

  CHECK(alice.hears("hi"));
}
