// SPDX-License-Identifier: Apache-2.0
// The chains of events: order, stopping, refusing, waiting, failing; and IQ handlers behind their fence.
#include <stdexcept>

#include <doctest/doctest.h>

#include "core/test_hall.h"

using namespace meerkat;

namespace {

// Handlers that write down that they were asked.
struct Witness {
  std::vector<std::string> seen;
  Gate gate;
  bool leave_waiting = false;

  Verdict first(UserSendsMessage&) { return saw("first"); }
  Verdict second(UserSendsMessage&) { return saw("second"); }
  Verdict third(UserSendsMessage&) { return saw("third"); }
  Verdict stops(UserSendsMessage&) {
    seen.emplace_back("stops");
    return Verdict::stop();
  }
  Verdict refuses(UserSendsMessage&) { return Verdict::refuse(StanzaError::policy_violation("not today")); }
  Verdict throws(UserSendsMessage&) { throw std::runtime_error("broken handler"); }
  Task<Verdict> throws_later(UserSendsMessage&) {
    co_await gate;
    throw std::runtime_error("broken handler");
  }
  Task<Verdict> waits(UserSendsMessage&) {
    co_await gate;
    co_return saw("waited");
  }
  // Waits for stanzas that carry <slow/>; the others pass.
  Answer<Verdict> slow_ones_wait(UserReceivesStanza& event) {
    if (!contains(event.stanza.body->inner(), "<slow")) return Verdict::next();
    return wait_to_receive();
  }
  Task<Verdict> wait_to_receive() {
    co_await gate;
    co_return Verdict::next();
  }
  Verdict refuses_to_receive(UserReceivesStanza&) { return Verdict::refuse(StanzaError::forbidden()); }
  Verdict keeps(MessageFindsNobody& event) {
    seen.push_back("kept for " + std::string{event.entry.stanza.to.text()});
    return Verdict::stop();
  }

 private:
  Verdict saw(std::string_view what) {
    seen.emplace_back(what);
    return Verdict::next();
  }
};

using Seen = std::vector<std::string>;

constexpr std::string_view hi = "<message to='bob@localhost' type='chat' id='m'><body>hi</body></message>";

struct Scene {
  TestServer server{1};
  Witness witness;
  Hooks& hooks = TestServer::host(*server.halls[0]).hooks;
};

}  // namespace

TEST_CASE("handlers are asked by priority, and in the order of their coming when it is the same") {
  Scene scene;
  scene.hooks.on<&Witness::third>(scene.witness, 90);
  scene.hooks.on<&Witness::first>(scene.witness, 10);
  scene.hooks.on<&Witness::second>(scene.witness, 10);
  TestClient& alice = scene.server.online("alice");
  TestClient& bob = scene.server.online("bob");

  alice.says(hi);

  CHECK(scene.witness.seen == Seen{"first", "second", "third"});
  CHECK(bob.hears("hi"));
}

TEST_CASE("a handler that stops the chain is the last that is asked, and the stanza goes no further") {
  Scene scene;
  scene.hooks.on<&Witness::stops>(scene.witness, 10);
  scene.hooks.on<&Witness::second>(scene.witness, 20);
  TestClient& alice = scene.server.online("alice");
  TestClient& bob = scene.server.online("bob");

  alice.says(hi);

  CHECK(scene.witness.seen == Seen{"stops"});
  CHECK(bob.heard().empty());
  CHECK(alice.heard().empty());
}

TEST_CASE("a handler that refuses lets the sender know why") {
  Scene scene;
  scene.hooks.on<&Witness::refuses>(scene.witness, 10);
  scene.hooks.on<&Witness::second>(scene.witness, 20);
  TestClient& alice = scene.server.online("alice");
  TestClient& bob = scene.server.online("bob");

  alice.says(hi);

  CHECK(scene.witness.seen.empty());
  CHECK(bob.heard().empty());
  CHECK(alice.hears("<policy-violation"));
}

TEST_CASE("a handler that throws is passed over") {
  Scene scene;
  scene.hooks.on<&Witness::throws>(scene.witness, 10);
  scene.hooks.on<&Witness::second>(scene.witness, 20);
  TestClient& alice = scene.server.online("alice");
  TestClient& bob = scene.server.online("bob");

  alice.says(hi);

  CHECK(scene.witness.seen == Seen{"second"});
  CHECK(bob.hears("hi"));
}

TEST_CASE("a handler that throws after it has waited is passed over") {
  Scene scene;
  scene.hooks.on<&Witness::first>(scene.witness, 10);
  scene.hooks.on<&Witness::throws_later>(scene.witness, 20);
  scene.hooks.on<&Witness::third>(scene.witness, 30);
  TestClient& alice = scene.server.online("alice");
  TestClient& bob = scene.server.online("bob");

  alice.says(hi);
  CHECK(bob.heard().empty());
  scene.witness.gate.open();

  CHECK(scene.witness.seen == Seen{"first", "third"});
  CHECK(bob.hears("hi"));
}

TEST_CASE("a handler that waits holds up the later ones and the sender's next stanzas") {
  Scene scene;
  scene.hooks.on<&Witness::waits>(scene.witness, 10);
  scene.hooks.on<&Witness::second>(scene.witness, 20);
  TestClient& alice = scene.server.online("alice");
  TestClient& bob = scene.server.online("bob");

  alice.says("<message to='bob@localhost' type='chat'><body>1</body></message>");
  alice.says("<message to='bob@localhost' type='chat'><body>2</body></message>");
  CHECK(scene.witness.seen.empty());
  CHECK(bob.heard().empty());
  scene.witness.gate.open();

  CHECK(scene.witness.seen == Seen{"waited", "second", "waited", "second"});
  const std::string heard = bob.heard();
  CHECK(heard.find("<body>1</body>") < heard.find("<body>2</body>"));
  CHECK(contains(heard, "<body>2</body>"));
}

TEST_CASE("stanzas for one account keep their order while a handler of the first waits") {
  Scene scene;
  scene.hooks.on<&Witness::slow_ones_wait>(scene.witness);
  TestClient& alice = scene.server.online("alice");
  TestClient& bob = scene.server.online("bob");
  TestClient& carol = scene.server.online("carol");

  alice.says("<message to='bob@localhost' type='chat'><slow/><body>1</body></message>");
  alice.says("<message to='bob@localhost/phone' type='chat'><body>2</body></message>");
  carol.says("<message to='bob@localhost' type='chat'><slow/><body>3</body></message>");
  carol.says("<message to='bob@localhost' type='chat'><body>4</body></message>");
  CHECK(bob.heard().empty());

  alice.says("<message to='carol@localhost' type='chat'><body>quick</body></message>");
  CHECK(carol.hears("quick"));

  scene.witness.gate.open();
  const std::string heard = bob.heard();
  std::size_t last = 0;
  for (const std::string_view body : {"<body>1</body>", "<body>2</body>", "<body>3</body>", "<body>4</body>"}) {
    const std::size_t at = heard.find(body);
    REQUIRE(at != std::string::npos);
    CHECK(at >= last);
    last = at;
  }
}

TEST_CASE("a recipient who leaves while a handler waits does not keep the message from its other session") {
  Scene scene;
  scene.hooks.on<&Witness::slow_ones_wait>(scene.witness);
  TestClient& alice = scene.server.online("alice");
  TestClient& phone = scene.server.online("bob", "phone", 5);
  TestClient& laptop = scene.server.online("bob", "laptop", 1);
  alice.says("<message to='bob@localhost' type='chat'><slow/><body>1</body></message>");

  phone.disconnects();
  scene.witness.gate.open();

  CHECK(laptop.hears("<body>1</body>"));
}

TEST_CASE("stanzas that waited behind another are not lost when the recipient's last session ends") {
  Scene scene;
  scene.hooks.on<&Witness::slow_ones_wait>(scene.witness);
  TestClient& alice = scene.server.online("alice");
  TestClient& bob = scene.server.online("bob");
  alice.says("<message to='bob@localhost' type='chat' id='1'><slow/><body>1</body></message>");
  alice.says("<message to='bob@localhost' type='chat' id='2'><body>2</body></message>");

  bob.disconnects();
  scene.witness.gate.open();
  scene.server.turn();

  const std::string heard = alice.heard();
  CHECK(contains(heard, "id='1'"));
  CHECK(contains(heard, "id='2'"));
}

TEST_CASE("who refuses what a user receives lets the sender know, and answers are dropped silently") {
  Scene scene;
  TestClient& alice = scene.server.online("alice");
  TestClient& bob = scene.server.online("bob");
  // Errors on their way back to alice meet the same handler.
  scene.hooks.on<&Witness::refuses_to_receive>(scene.witness);

  alice.says("<message to='bob@localhost' type='error'><body>hi</body></message>");

  CHECK(bob.heard().empty());
  CHECK(alice.heard().empty());
}

TEST_CASE("who keeps a message that found nobody spares its sender the error") {
  Scene scene;
  scene.hooks.on<&Witness::keeps>(scene.witness);
  TestClient& alice = scene.server.online("alice");

  alice.says(hi);

  CHECK(scene.witness.seen == Seen{"kept for bob@localhost"});
  CHECK(alice.heard().empty());
}
