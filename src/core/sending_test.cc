// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "core/test_hall.h"

namespace meerkat {
namespace {

constexpr std::string_view hello = "<message to='bob@localhost' type='chat' id='m1'><body>hello</body></message>";

// Keeps everything until it is opened.
class Dam final : public Valve {
 public:
  bool holds(Session&, const Outgoing& outgoing) override {
    if (open) return false;
    held.push_back(outgoing);
    return true;
  }
  std::vector<Outgoing> give_back() override { return std::exchange(held, {}); }

  std::vector<Outgoing> held;
  bool open = false;
};

Dam& dam(TestClient& client) {
  auto valve = std::make_unique<Dam>();
  Dam& made = *valve;
  client.session->valve = std::move(valve);
  return made;
}

class Rules final : public StanzaRules {
 public:
  explicit Rules(std::string_view blocked) : blocked_(*Jid::parse(blocked)) {}
  bool lets_in(const Stanza& stanza) const override { return !stanza.from.same_bare(blocked_); }
  bool lets_out(const Stanza& stanza) const override { return !stanza.to.same_bare(blocked_); }

 private:
  Jid blocked_;
};

// Makes copies for the devices that did not get a message, as carbons do.
struct Copier {
  explicit Copier(Hall& the_hall) : hall(the_hall) {}
  Verdict copy(MessageDelivered& event) {
    for (Session* other = event.account.first; other != nullptr; other = other->next_of_account)
      if (!event.reached.includes(*other, event.entry->stanza))
        hall.router.send(*other, event.entry, Form::received_copy);
    return Verdict::next();
  }
  Hall& hall;
};

struct Ledger final : EntryKeeper {
  void let_go(const Jid&, std::uint64_t kept_as, bool taken) noexcept override { told.emplace_back(kept_as, taken); }
  std::vector<std::pair<std::uint64_t, bool>> told;
};

}  // namespace

TEST_CASE("what a valve holds comes when it is let out, and counts as sent only then") {
  TestServer server;
  TestClient& alice = server.online("alice");
  TestClient& bob = server.online("bob");
  Dam& valve = dam(bob);

  alice.says(hello);
  CHECK(bob.heard().empty());
  CHECK(bob.session->in_flight.empty());

  valve.open = true;
  for (const Outgoing& held : valve.give_back()) server.home_of(bob.session->jid).router.let_out(*bob.session, held);
  CHECK(bob.hears("hello"));
  CHECK(bob.session->in_flight.size() == 1);
}

TEST_CASE("what a valve holds when its session ends goes to another device") {
  TestServer server;
  TestClient& alice = server.online("alice");
  TestClient& phone = server.online("bob", "phone", 5);
  TestClient& desk = server.online("bob", "desk", 1);
  dam(phone);

  alice.says(hello);
  CHECK(desk.heard().empty());
  phone.disconnects();

  CHECK(desk.hears("hello"));
}

TEST_CASE("a request that a valve holds when its session ends is answered") {
  TestServer server;
  TestClient& alice = server.online("alice");
  TestClient& bob = server.online("bob");
  dam(bob);

  alice.says("<iq type='get' id='q1' to='bob@localhost/phone'><ping xmlns='urn:xmpp:ping'/></iq>");
  bob.disconnects();

  CHECK(alice.hears("service-unavailable"));
}

TEST_CASE("a session whose rules refuse a sender is passed by, and the sender hears of nobody") {
  TestServer server;
  TestClient& alice = server.online("alice");
  TestClient& phone = server.online("bob", "phone", 5);
  TestClient& desk = server.online("bob", "desk", 1);
  const auto rules = std::make_shared<const Rules>("alice@localhost");

  phone.session->rules = rules;
  alice.says(hello);
  CHECK(phone.heard().empty());
  CHECK(desk.hears("hello"));

  desk.session->rules = rules;
  alice.says(hello);
  CHECK(desk.heard().empty());
  CHECK(alice.hears("service-unavailable"));
  alice.says("<message to='bob@localhost/desk' type='headline'><body>news</body></message>");
  CHECK(alice.heard().empty());
}

TEST_CASE("a message that one device has seen as a copy is not given to it again when the other dies") {
  TestServer server;
  TestClient& alice = server.online("alice");
  TestClient& phone = server.online("bob", "phone", 5);
  TestClient& desk = server.online("bob", "desk", 1);
  Copier copier{server.home_of(phone.session->jid)};
  phone.session->host.hooks.on<&Copier::copy>(copier);

  phone.connection_is_dead = true;
  alice.says(hello);
  CHECK(desk.hears("<received xmlns='urn:xmpp:carbons:2'>"));
  phone.disconnects();
  CHECK_FALSE(desk.hears("hello"));
  desk.says("<presence><priority>1</priority></presence>");
  CHECK_FALSE(desk.hears("hello"));
}

TEST_CASE("when both the device and the one with the copy die, the message goes to the third") {
  TestServer server;
  TestClient& alice = server.online("alice");
  TestClient& phone = server.online("bob", "phone", 5);
  TestClient& desk = server.online("bob", "desk", 1);
  Copier copier{server.home_of(phone.session->jid)};
  phone.session->host.hooks.on<&Copier::copy>(copier);
  phone.connection_is_dead = desk.connection_is_dead = true;

  alice.says(hello);
  TestClient& tablet = server.online("bob", "tablet", 0);
  phone.disconnects();
  CHECK_FALSE(tablet.hears("hello"));
  desk.disconnects();

  const std::string heard = tablet.heard();
  CHECK(contains(heard, "hello"));
  CHECK_FALSE(contains(heard, "carbons"));
}

TEST_CASE("who keeps an entry hears once that it was taken, or that it was not") {
  TestServer server;
  TestClient& bob = server.online("bob");
  Hall& home = server.home_of(bob.session->jid);
  const auto ledger = std::make_shared<Ledger>();
  const auto kept = [&](std::uint64_t number) {
    EntryRef entry = home.log.add(
        make_stanza(StanzaKind::message, StanzaType::chat, bob.session->jid, bob.session->jid.bare(), {}, {}));
    entry->keeper = ledger;
    entry->kept_as = number;
    return entry;
  };

  home.router.send(*bob.session, kept(1));
  server.turn();
  CHECK(ledger->told.empty());
  bob.says("<presence/>");
  REQUIRE(ledger->told.size() == 1);
  CHECK(ledger->told[0] == std::pair<std::uint64_t, bool>{1, true});

  home.router.send(*bob.session, kept(2));
  bob.disconnects();
  REQUIRE(ledger->told.size() == 2);
  CHECK(ledger->told[1] == std::pair<std::uint64_t, bool>{2, false});
}

TEST_CASE("what comes while something waits for an account stands in line, and goes on when it is told to") {
  struct Line final : Backlog {
    std::vector<EntryRef> entries;
    void stands_in_line(EntryRef entry) override { entries.push_back(std::move(entry)); }
  };
  TestServer server;
  TestClient& alice = server.online("alice");
  TestClient& bob = server.online("bob");
  Hall& home = server.home_of(bob.session->jid);
  Line line;
  bob.session->account->backlog = &line;

  alice.says(hello);
  alice.says("<message to='bob@localhost/phone' id='m2'><body>hello</body></message>");
  alice.says("<message to='bob@localhost' type='headline'><body>news</body></message>");
  CHECK(bob.hears("news"));
  CHECK(bob.heard().empty());
  REQUIRE(line.entries.size() == 2);

  home.worker.adopt_thread();
  for (const EntryRef& entry : std::exchange(line.entries, {})) home.router.go_on(TestServer::host(home), entry);
  const std::string heard = bob.heard();
  CHECK(contains(heard, "m1"));
  CHECK(contains(heard, "m2"));
  CHECK(line.entries.empty());
}

TEST_CASE("a session takes messages from the moment on in which its priority is not negative") {
  struct Listener {
    std::size_t told = 0;
    Verdict takes(SessionTakesMessages&) {
      ++told;
      return Verdict::next();
    }
  } listener;
  TestServer server;
  server.on_all_hosts([&](HostType& host) { host.hooks.on<&Listener::takes>(listener); });
  TestClient& bob = server.login("bob");

  bob.says("<presence><priority>-1</priority></presence>");
  CHECK(listener.told == 0);
  bob.says("<presence><priority>0</priority></presence>");
  CHECK(listener.told == 1);
  bob.says("<presence><show>away</show></presence>");
  CHECK(listener.told == 1);
  bob.says("<presence type='unavailable'/>");
  bob.says("<presence/>");
  CHECK(listener.told == 2);
}

}  // namespace meerkat
