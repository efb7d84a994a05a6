// SPDX-License-Identifier: Apache-2.0
// XEP-0160 through the front door: what is kept, what its sender hears, and how it arrives.
#include "modules/offline/test_house.h"

namespace meerkat {
namespace {

using namespace offline_test;
using namespace std::chrono_literals;

constexpr std::string_view refusal = "<service-unavailable xmlns=";
constexpr std::string_view full = "Your contact offline message queue is full. The message has been discarded.";

}  // namespace

TEST_CASE("what finds nobody is delivered in order when somebody comes, with the time at which it came") {
  House house;
  house.writes(1, 3);
  CHECK(house.alice->heard().empty());
  CHECK(house.rows() == 3);

  TestClient& bob = house.server.login("bob");
  CHECK(house.rows() == 3);
  bob.says("<presence/>");

  const std::string heard = bob.heard();
  CHECK(bodies(heard) == numbers(3));
  CHECK(contains(heard, "from='alice@localhost/phone' to='bob@localhost'"));
  CHECK(contains(heard, "<delay xmlns='urn:xmpp:delay' from='localhost' stamp='"));
  CHECK(contains(heard, "Offline Storage</delay>"));
}

TEST_CASE("what was delivered leaves the store once the client gave a sign of life") {
  House house;
  house.writes(1, 3);
  TestClient& bob = house.server.login("bob");
  bob.says("<presence/>");
  CHECK(house.rows() == 3);

  bob.says("<presence/>");

  CHECK(house.rows() == 0);
  bob.disconnects();
  TestClient& again = house.server.login("bob", "tablet");
  again.says("<presence/>");
  CHECK(bodies(again.heard()).empty());
}

TEST_CASE("what a client did not take before it was gone is delivered to the next, once") {
  House house;
  house.writes(1, 3);
  TestClient& first = house.server.login("bob");
  first.says("<presence/>");
  CHECK(bodies(first.heard()) == numbers(3));
  first.disconnects();

  TestClient& second = house.server.login("bob", "tablet");
  second.says("<presence/>");
  CHECK(bodies(second.heard()) == numbers(3));
  second.says("<presence/>");
  CHECK(house.rows() == 0);
}

TEST_CASE("what was sent to a session that was gone before it took it is kept") {
  House house;
  TestClient& bob = house.server.online("bob");
  house.writes(1, 2);
  CHECK(bodies(bob.heard()) == numbers(2));
  bob.disconnects();
  CHECK(house.rows() == 2);
  CHECK(house.alice->heard().empty());
  house.writes(3, 3);

  TestClient& again = house.server.login("bob");
  again.says("<presence/>");
  CHECK(bodies(again.heard()) == numbers(3));
}

TEST_CASE("messages for a device that has gone follow their person when they are chats") {
  House house;
  house.alice->says(chat("hello", "bob@localhost/gone"));
  CHECK(house.rows() == 1);

  TestClient& bob = house.server.login("bob");
  bob.says("<presence/>");
  CHECK(bob.hears("to='bob@localhost/gone'"));
}

TEST_CASE("a device of negative priority gets what was kept when it is no longer negative") {
  House house;
  TestClient& bob = house.server.online("bob", "phone", -1);
  house.writes(1, 2);
  CHECK(bob.heard().empty());
  bob.says("<presence><priority>-2</priority></presence>");
  CHECK(bodies(bob.heard()).empty());

  bob.says("<presence><priority>0</priority></presence>");
  CHECK(bodies(bob.heard()) == numbers(2));
}

TEST_CASE("the sender hears nothing of an account that exists, and that there is none of one that does not") {
  House house;
  house.alice->says(chat("hello"));
  CHECK(house.alice->heard().empty());

  house.alice->says(chat("hello", "nobody@localhost"));
  const std::string heard = house.alice->heard();
  CHECK(contains(heard, refusal));
  CHECK(contains(heard, "<body>hello</body>"));
  CHECK(house.rows() == 1);
}

TEST_CASE("a full store refuses with words, and has room again after a delivery") {
  House house{{}, 3};
  house.writes(1, 3);
  CHECK(house.alice->heard().empty());
  house.writes(4, 5);
  std::string heard = house.alice->heard();
  CHECK(contains(heard, refusal));
  CHECK(contains(heard, full));
  CHECK(bodies(heard) == numbers(4, 5));
  CHECK(house.rows() == 3);

  TestClient& bob = house.server.login("bob");
  bob.says("<presence/>");
  bob.says("<presence type='unavailable'/>");
  CHECK(house.rows() == 0);
  house.writes(6, 9);
  CHECK(bodies(house.alice->heard()) == numbers(9, 9));
  CHECK(house.rows() == 3);
}

TEST_CASE("what one account may have takes nothing from others") {
  House house{{}, 1};
  house.has_account("carol");
  house.writes(1, 2);
  CHECK(house.alice->hears(full));

  house.alice->says(chat("hello", "carol@localhost"));
  CHECK(house.alice->heard().empty());
}

TEST_CASE("the access rule for the limit is the one that the options name") {
  House house{"access_max_user_messages = \"other_rule\"", 1};
  house.writes(1, 3);
  CHECK(house.alice->heard().empty());
  CHECK(house.rows() == 3);
}

TEST_CASE("a message of limited use is not delivered when its time is over, and makes room") {
  House house{{}, 2};
  house.alice->says(chat("m1", "bob@localhost", "<x xmlns='jabber:x:expire' seconds='60'/>"));
  house.alice->says(chat("m2"));
  house.server.passes(61s);
  house.alice->says(chat("m3"));
  CHECK(house.alice->heard().empty());
  CHECK(house.rows() == 2);

  house.alice->says(chat("m4"));
  CHECK(house.alice->hears(full));
  TestClient& bob = house.server.login("bob");
  bob.says("<presence/>");
  CHECK(bodies(bob.heard()) == numbers(2, 3));
}

TEST_CASE("a message that expires while it waits is removed when somebody comes") {
  House house;
  house.alice->says(chat("m1", "bob@localhost", "<x xmlns='jabber:x:expire' seconds='60'/>"));
  house.server.passes(60s);

  TestClient& bob = house.server.login("bob");
  bob.says("<presence/>");
  CHECK(bodies(bob.heard()).empty());
  CHECK(house.rows() == 0);
}

TEST_CASE("a message that was late already says so once, with the first time") {
  House house;
  house.alice->says(chat("m1", "bob@localhost",
                         "<delay xmlns='urn:xmpp:delay' from='room@chat.example' stamp='2002-09-10T23:08:25Z'/>"));

  TestClient& bob = house.server.login("bob");
  bob.says("<presence/>");
  const std::string heard = bob.heard();
  CHECK(contains(heard, "2002-09-10T23:08:25Z"));
  CHECK(!contains(heard, "Offline Storage"));
}

TEST_CASE("group chat for an account is kept when the options say so, and refused otherwise") {
  constexpr std::string_view message =
      "<message type='groupchat' to='bob@localhost' id='g'><body>to all</body></message>";
  House without;
  without.alice->says(message);
  CHECK(without.alice->hears(refusal));
  CHECK(without.rows() == 0);

  House with{"store_groupchat_messages = true"};
  with.alice->says(message);
  CHECK(with.alice->heard().empty());
  TestClient& bob = with.server.login("bob");
  bob.says("<presence/>");
  CHECK(bob.hears("type='groupchat'"));
  // RFC 6121 §8.5.2.1.1: not to a device that is there.
  with.alice->says(message);
  CHECK(bob.heard().empty());
  CHECK(with.alice->hears(refusal));
}

TEST_CASE("who asked for it hears that a message was kept only when he may know that its recipient is away") {
  House house;
  constexpr std::string_view wish = "<x xmlns='jabber:x:event'><offline/><displayed/></x>";
  house.alice->says(chat("m1", "bob@localhost", wish));
  // Nobody keeps rosters here, so alice is a stranger; to herself she is none.
  CHECK(house.alice->heard().empty());
  TestClient& bob = house.server.login("bob");
  bob.says("<presence/>");
  CHECK(bob.hears("<body>m1</body><x xmlns='jabber:x:event'><displayed/></x>"));

  house.alice->says("<presence type='unavailable'/>");
  house.alice->heard();
  house.alice->says(chat("m2", "alice@localhost", wish));
  CHECK(house.alice->hears("<x xmlns='jabber:x:event'><offline/><id>i</id></x>"));
}

TEST_CASE("a session that is not to see a message leaves it for another") {
  struct NothingFromAlice final : StanzaRules {
    bool lets_in(const Stanza& stanza) const override { return stanza.from.node() != "alice"; }
    bool lets_out(const Stanza&) const override { return true; }
  };
  House house;
  house.writes(1, 2);
  TestClient& strict = house.server.login("bob", "strict");
  strict.session->rules = std::make_shared<const NothingFromAlice>();
  strict.says("<presence/>");
  CHECK(bodies(strict.heard()).empty());
  strict.says("<presence type='unavailable'/>");

  TestClient& open = house.server.login("bob", "open");
  open.says("<presence/>");
  CHECK(bodies(open.heard()) == numbers(2));
}

TEST_CASE("what a removed account had is gone, also for the next who has that name") {
  House house;
  house.writes(1, 2);
  Hall& home = house.server.home_of(*Jid::parse("bob@localhost"));
  house.server.accounts.passwords.erase("bob@localhost");
  const Jid bob_address = *Jid::parse("bob@localhost");
  home.worker.adopt_thread();
  home.fire(AccountRemoved{TestServer::host(home), bob_address});
  house.server.turn();
  CHECK(house.rows() == 0);

  house.writes(3, 3);
  CHECK(house.alice->hears(refusal));
  TestClient& next = house.server.login("bob");
  next.says("<presence/>");
  CHECK(bodies(next.heard()).empty());
}

TEST_CASE("the server says that it keeps messages") {
  House house;
  for (const auto& hall : house.server.halls) {
    const auto features = TestServer::host(*hall).disco.features(IqTarget::server);
    CHECK(std::ranges::find(features, "msgoffline") != features.end());
  }
}

TEST_CASE("a thousand messages are delivered in order, large ones too") {
  House house;
  const std::string weight(2000, 'x');
  for (int i = 1; i <= 1000; ++i)
    house.alice->says(chat("m" + std::to_string(i), "bob@localhost", i % 10 == 0 ? "<w>" + weight + "</w>" : ""));
  CHECK(house.rows() == 1000);
  house.server.database.reads = 0;

  TestClient& bob = house.server.login("bob");
  bob.says("<presence/>");
  for (int i = 0; i < 20; ++i) house.server.turn();
  CHECK(bodies(bob.heard()) == numbers(1000));
  CHECK(house.server.database.reads < 20);
  bob.says("<presence/>");
  house.server.turn();
  CHECK(house.rows() == 0);
}

TEST_CASE("who reads slowly gets what was kept a bit at a time") {
  House house;
  house.writes(1, 100);
  TestClient& bob = house.server.login("bob");
  bob.unread = 100'000;
  bob.says("<presence/>");
  CHECK(bodies(bob.heard()).empty());

  bob.unread = 0;
  house.server.passes(100ms);
  for (int i = 0; i < 5; ++i) house.server.turn();
  CHECK(bodies(bob.heard()) == numbers(100));
}

}  // namespace meerkat
