// SPDX-License-Identifier: Apache-2.0
// XEP-0016 §2.1, §2.9 to §2.14: what rules decide of stanzas.
#include <doctest/doctest.h>

#include "core/test_metrics.h"
#include "modules/privacy/test_contacts.h"

using namespace meerkat;

namespace {

std::string by(std::string_view type, std::string_view value, std::string_view action, int order,
               std::string_view what = {}) {
  return "<item type='" + std::string{type} + "' value='" + std::string{value} + "' action='" + std::string{action} +
         "' order='" + std::to_string(order) + "'>" + std::string{what} + "</item>";
}

std::string iq(std::string_view to) {
  return "<iq type='get' id='q' to='" + std::string{to} + "'><query xmlns='jabber:iq:version'/></iq>";
}

struct NoOptions {};

// Keeps messages for those who are away.
class Box final : public Module {
 public:
  Box(HostType& host, const std::shared_ptr<const NoOptions>&) { host.hooks.on<&Box::keep>(*this); }
  Verdict keep(MessageFindsNobody&) {
    ++kept;
    return Verdict::stop();
  }
  static inline int kept = 0;
};

}  // namespace

TEST_CASE("an address is meant by itself, its bare address and its domain (XEP-0016 §2.1)") {
  struct Case {
    std::string_view value;
    bool phone, other;
  };
  for (const Case& each :
       {Case{"bob@localhost/phone", true, false}, Case{"bob@localhost", true, true},
        Case{"localhost/phone", false, false}, Case{"localhost", true, true}, Case{"carol@localhost", false, false}}) {
    PrivacyServer server;
    TestClient& alice = server.online("alice");
    TestClient& phone = server.online("bob", "phone");
    TestClient& laptop = server.online("bob", "laptop");
    goes_by(alice, by("jid", each.value, "deny", 1));
    phone.says(chat("alice@localhost"));
    CHECK_MESSAGE(alice.hears("hi") != each.phone, each.value);
    laptop.says(chat("alice@localhost"));
    CHECK_MESSAGE(alice.hears("hi") != each.other, each.value);
  }
}

TEST_CASE("the first rule in ascending order decides, whatever kind it is (XEP-0016 §2.2)") {
  PrivacyServer server;
  TestClient& alice = server.online("alice");
  TestClient& bob = server.online("bob");
  goes_by(alice, by("jid", "bob@localhost", "deny", 5) + "<item action='deny' order='9'/>" +
                     by("jid", "localhost", "allow", 3));
  bob.says(chat("alice@localhost"));
  CHECK(alice.hears("hi"));

  goes_by(alice, by("jid", "bob@localhost", "allow", 5) + "<item action='deny' order='1'><message/></item>");
  bob.says(chat("alice@localhost"));
  CHECK(!alice.hears("hi"));
}

TEST_CASE("what no rule is about is allowed (XEP-0016 §2.2)") {
  PrivacyServer server;
  TestClient& alice = server.online("alice");
  TestClient& bob = server.online("bob");
  goes_by(alice, by("subscription", "both", "deny", 1));

  bob.says(chat("alice@localhost"));

  CHECK(alice.hears("hi"));
}

TEST_CASE("a rule about a subscription means exactly that, and none means strangers as well (XEP-0016 §2.1)") {
  PrivacyServer server;
  TestClient& alice = server.online("alice");
  TestClient& bob = server.online("bob");
  server.contacts.set("alice", "bob", Subscription::to);
  goes_by(alice, by("subscription", "both", "deny", 1) + by("subscription", "none", "deny", 2));
  bob.says(chat("alice@localhost"));
  CHECK(alice.hears("hi"));

  server.contacts.set("alice", "bob", Subscription::both);
  bob.says(chat("alice@localhost"));
  CHECK(!alice.hears("hi"));

  TestClient& eve = server.online("eve");
  eve.says(chat("alice@localhost"));
  CHECK(!alice.hears("hi"));
}

TEST_CASE("a changed group counts from now on (XEP-0016 §2.2)") {
  PrivacyServer server;
  server.contacts.set("alice", "bob", Subscription::both, {"Enemies"});
  TestClient& alice = server.online("alice");
  TestClient& bob = server.online("bob");
  goes_by(alice, by("group", "Enemies", "deny", 1));
  bob.says(chat("alice@localhost"));
  CHECK(!alice.hears("hi"));

  server.contacts.set("alice", "bob", Subscription::both, {"Friends"});
  bob.says(chat("alice@localhost"));

  CHECK(alice.hears("hi"));
}

TEST_CASE("a rule about messages leaves the rest alone (XEP-0016 §2.9)") {
  PrivacyServer server;
  TestClient& alice = server.online("alice");
  TestClient& bob = server.online("bob");
  goes_by(alice, by("jid", "bob@localhost", "deny", 1, "<message/>"));

  bob.says(chat("alice@localhost"));
  CHECK(!alice.hears("hi"));
  CHECK(bob.hears("<service-unavailable"));
  bob.says(iq("alice@localhost/phone"));
  CHECK(alice.hears("jabber:iq:version"));
  bob.says("<presence to='alice@localhost'/>");
  CHECK(alice.hears("<presence"));
  alice.says(chat("bob@localhost"));
  CHECK(bob.hears("hi"));
}

TEST_CASE("a rule about requests leaves the rest alone, and answers are dropped (XEP-0016 §2.12, §2.14)") {
  PrivacyServer server;
  TestClient& alice = server.online("alice");
  TestClient& bob = server.online("bob");
  goes_by(alice, by("jid", "bob@localhost", "deny", 1, "<iq/>"));

  bob.says(iq("alice@localhost/phone"));
  CHECK(bob.hears("<service-unavailable"));
  bob.says("<iq type='result' id='9' to='alice@localhost/phone'/>");
  CHECK(alice.heard().empty());
  CHECK(bob.heard().empty());
  bob.says(chat("alice@localhost"));
  CHECK(alice.hears("hi"));
}

TEST_CASE("a rule about presence that comes in leaves subscriptions alone (XEP-0016 §2.10)") {
  PrivacyServer server;
  TestClient& alice = server.online("alice");
  TestClient& bob = server.online("bob");
  goes_by(alice, by("jid", "bob@localhost", "deny", 1, "<presence-in/>"));
  alice.heard();

  bob.says("<presence to='alice@localhost'/>");
  CHECK(alice.heard().empty());
  CHECK(bob.heard().empty());
  alice.says("<presence to='bob@localhost'/>");
  CHECK(bob.hears("<presence"));
}

TEST_CASE("a rule about presence that goes out answers not-acceptable to directed presence (XEP-0016 §2.11, §2.14)") {
  PrivacyServer server;
  TestClient& alice = server.online("alice");
  TestClient& bob = server.online("bob");
  goes_by(alice, by("jid", "bob@localhost", "deny", 1, "<presence-out/>"));

  alice.says("<presence to='bob@localhost'/>");

  CHECK(alice.hears("<not-acceptable"));
  CHECK(bob.heard().empty());
  alice.says(chat("bob@localhost"));
  CHECK(bob.hears("hi"));
}

TEST_CASE("who is blocked altogether hears what he would hear of somebody who is not there (XEP-0016 §2.13, §2.14)") {
  PrivacyServer server;
  TestClient& alice = server.online("alice");
  TestClient& bob = server.online("bob");
  goes_by(alice, by("jid", "bob@localhost", "deny", 1));
  alice.heard();

  for (const std::string_view to : {"alice@localhost", "alice@localhost/phone"}) {
    bob.says(chat(to));
    CHECK(bob.hears("<service-unavailable"));
    bob.says(iq(to));
    CHECK(bob.hears("<service-unavailable"));
    for (const std::string_view type : {"subscribe", "subscribed", "unsubscribe", "probe", "unavailable"}) {
      bob.says("<presence type='" + std::string{type} + "' to='" + std::string{to} + "'/>");
      CHECK(bob.heard().empty());
    }
    bob.says("<message to='" + std::string{to} + "' type='headline'><body>news</body></message>");
    bob.says("<message to='" + std::string{to} + "' type='error'/>");
    CHECK(bob.heard().empty());
  }
  CHECK(alice.heard().empty());
}

TEST_CASE("nothing leaves for somebody who is blocked altogether (XEP-0016 §2.14)") {
  PrivacyServer server;
  TestClient& alice = server.online("alice");
  TestClient& bob = server.online("bob");
  goes_by(alice, "<item action='deny' order='1'/>");
  alice.heard();

  alice.says(chat("bob@localhost"));
  const std::string heard = alice.heard();
  CHECK(contains(heard, "from='bob@localhost' to='alice@localhost/phone'"));
  CHECK(contains(heard, "type='cancel'><not-acceptable"));
  CHECK(!contains(heard, "urn:xmpp:blocking:errors"));
  alice.says(iq("bob@localhost/phone"));
  CHECK(alice.hears("<not-acceptable"));
  alice.says("<presence type='subscribe' to='bob@localhost'/>");
  CHECK(alice.hears("<not-acceptable"));
  alice.says("<iq type='result' id='1' to='bob@localhost/phone'/>");
  CHECK(alice.heard().empty());
  CHECK(bob.heard().empty());
}

TEST_CASE("resources of an account and its server always get through (XEP-0016 §2.1)") {
  PrivacyServer server;
  TestClient& phone = server.online("alice", "phone");
  goes_by(phone, "<item action='deny' order='1'/>");
  TestClient& laptop = server.online("alice", "laptop");
  phone.heard();

  laptop.says(chat("alice@localhost/phone"));
  CHECK(phone.hears("hi"));
  laptop.says("<presence><show>away</show></presence>");
  CHECK(phone.hears("away"));
  laptop.says(iq("localhost"));
  CHECK(laptop.hears("from='localhost'"));
  CHECK(contains(lists(laptop, "get", ""), "<default name='mine'/>"));
}

TEST_CASE("the default list decides for somebody who is away, and nothing is kept of what it denies (XEP-0016 §2.2)") {
  PrivacyServer server;
  Box::kept = 0;
  REQUIRE(
      server.start(module_entry<Box>("mod_box", {}, config::Section<NoOptions>{"modules.mod_box", "Keeps."})).empty());
  TestClient& alice = server.online("alice");
  TestClient& bob = server.online("bob");
  goes_by(alice, by("jid", "bob@localhost", "deny", 1));
  alice.disconnects();

  bob.says(chat("alice@localhost"));
  CHECK(bob.hears("<service-unavailable"));
  CHECK(Box::kept == 0);
  bob.says(chat("alice@localhost/gone"));
  CHECK(bob.hears("<service-unavailable"));
  bob.says(iq("alice@localhost"));
  CHECK(bob.hears("<service-unavailable"));
  CHECK(Box::kept == 0);
  TestClient& carol = server.online("carol");
  carol.says(chat("alice@localhost"));
  CHECK(Box::kept == 1);
}

TEST_CASE("a session that takes no messages leaves them to the default list") {
  PrivacyServer server;
  Box::kept = 0;
  REQUIRE(
      server.start(module_entry<Box>("mod_box", {}, config::Section<NoOptions>{"modules.mod_box", "Keeps."})).empty());
  TestClient& alice = server.online("alice", "phone", -1);
  TestClient& bob = server.online("bob");
  goes_by(alice, by("jid", "bob@localhost", "deny", 1));

  bob.says(chat("alice@localhost"));

  CHECK(bob.hears("<service-unavailable"));
  CHECK(Box::kept == 0);
}

TEST_CASE("routing asks the store once for somebody who is away, and never for somebody who is here") {
  PrivacyServer server;
  TestClient& alice = server.online("alice");
  TestClient& bob = server.online("bob");
  goes_by(bob, by("jid", "eve@localhost", "deny", 1));
  const std::size_t before = server.database.reads;

  for (int i = 0; i < 5; ++i) {
    alice.says(chat("bob@localhost"));
    alice.says("<presence to='bob@localhost'/>");
    alice.says("<presence to='carol@localhost'/>");
  }
  CHECK(server.database.reads == before);
  for (int i = 0; i < 5; ++i) alice.says(chat("carol@localhost"));

  CHECK(server.database.reads == before + 1);
}

TEST_CASE("until the rules of a session are known, what comes for it and what it sends waits") {
  PrivacyServer server(1);
  TestClient& alice = server.online("alice");
  TestClient& bob = server.online("bob");
  goes_by(alice, by("jid", "bob@localhost", "deny", 1));
  alice.disconnects();
  // Whoever is asked for after a restart is in no cache.
  server.on_all_hosts([](HostType& host) { host.stop_module("mod_privacy"); });
  server.on_all_hosts([](HostType& host) { host.stop_module("mod_blocking"); });
  server.turn();
  REQUIRE(server.start(privacy_module()).empty());
  server.database.answer_all();

  server.database.is_slow = true;
  TestClient& again = server.login("alice");
  again.says("<presence/>");
  again.says(chat("bob@localhost"));
  bob.says(chat("alice@localhost/phone"));
  CHECK(again.heard().empty());
  server.database.is_slow = false;
  for (int i = 0; i < 5; ++i) {
    server.database.answer_all();
    server.turn();
  }

  const std::string heard = again.heard();
  CHECK(contains(heard, "<not-acceptable"));
  CHECK(!contains(heard, "from='bob@localhost/phone'"));
  CHECK(bob.hears("<service-unavailable"));
}

TEST_CASE("while the store is away, nobody gets through whose rules are not known") {
  PrivacyServer server(1);
  TestClient& bob = server.online("bob");
  server.database.broken = true;
  TestClient& alice = server.login("alice");

  bob.says(chat("alice@localhost/phone"));
  CHECK(bob.hears("<internal-server-error"));
  alice.says(chat("bob@localhost"));
  CHECK(alice.hears("<internal-server-error"));
  server.database.broken = false;
  bob.says(chat("alice@localhost/phone"));

  CHECK(alice.hears("hi"));
}

TEST_CASE("an invitation in the name of somebody who is blocked does not arrive") {
  PrivacyServer server;
  TestClient& alice = server.online("alice");
  TestClient& room = server.online("room");
  goes_by(alice, by("jid", "eve@localhost", "deny", 1));
  alice.heard();
  const auto invite = [](std::string_view who) {
    return "<message to='alice@localhost'><x xmlns='http://jabber.org/protocol/muc#user'><invite from='" +
           std::string{who} + "'/></x></message>";
  };

  room.says(invite("eve@localhost/pda"));
  CHECK(alice.heard().empty());
  room.says(invite("bob@localhost"));
  CHECK(alice.hears("<invite"));
}

TEST_CASE("without the modules everybody gets through again") {
  PrivacyServer server;
  TestClient& alice = server.online("alice");
  TestClient& bob = server.online("bob");
  goes_by(alice, by("jid", "bob@localhost", "deny", 1));

  server.on_all_hosts([](HostType& host) { host.stop_module("mod_privacy"); });
  server.turn();
  bob.says(chat("alice@localhost"));
  CHECK(!alice.hears("hi"));
  server.on_all_hosts([](HostType& host) { host.stop_module("mod_blocking"); });
  server.turn();
  bob.says(chat("alice@localhost"));
  CHECK(alice.hears("hi"));

  REQUIRE(server.start(privacy_module()).empty());
  bob.says(chat("alice@localhost"));
  CHECK(!alice.hears("hi"));
}

TEST_CASE("what rules turn away is counted, and what an address is blocked for by itself") {
  PrivacyServer server;
  TestClient& alice = server.online("alice");
  TestClient& bob = server.online("bob");
  const auto count = [&](std::string_view measurement) {
    return counted(server.metrics, "mod_privacy_check_packet", measurement);
  };
  const std::int64_t before = count("count");

  bob.says(chat("alice@localhost"));
  // Where it leaves and where it arrives.
  CHECK(count("count") == before + 2);
  CHECK(count("denied_count") == 0);

  goes_by(alice, by("jid", "bob@localhost", "deny", 1, "<message/>"));
  bob.says(chat("alice@localhost"));
  bob.says("<presence to='alice@localhost'/>");
  CHECK(count("denied_count") == 1);

  goes_by(alice, by("jid", "bob@localhost", "deny", 1));
  bob.says(chat("alice@localhost/phone"));
  bob.says("<presence to='alice@localhost'/>");
  alice.says(chat("bob@localhost"));
  CHECK(count("denied_count") == 1);
  CHECK(count("blocked_count") == 3);
}
