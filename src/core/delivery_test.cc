// SPDX-License-Identifier: Apache-2.0
// RFC 6121 §8.5: who gets a message, a presence, an iq, and who hears that nobody did.
#include <doctest/doctest.h>

#include "core/test_hall.h"

using namespace meerkat;

namespace {

constexpr std::string_view refusal = "<service-unavailable xmlns=";

std::string message(std::string_view to, std::string_view type, std::string_view body) {
  std::string text = "<message id='m' to='" + std::string{to} + "'";
  if (!type.empty()) text += " type='" + std::string{type} + "'";
  return text + "><body>" + std::string{body} + "</body></message>";
}

}  // namespace

TEST_CASE("a message to a full address arrives there as it was sent, with its sender's address") {
  TestServer server;
  TestClient& alice = server.online("alice");
  TestClient& bob = server.online("bob");

  alice.says("<message to='bob@localhost/phone' type='chat' id='1' xml:lang='en'><body>hi &amp; ho</body></message>");

  CHECK(bob.heard() ==
        "<message from='alice@localhost/phone' to='bob@localhost/phone' type='chat' id='1' xml:lang='en'>"
        "<body>hi &amp; ho</body></message>");
  CHECK(alice.heard().empty());
}

TEST_CASE("a session without presence gets what is sent to its full address") {
  TestServer server;
  TestClient& alice = server.online("alice");
  TestClient& bob = server.login("bob");

  alice.says(message("bob@localhost/phone", "chat", "hi"));

  CHECK(bob.hears("hi"));
}

TEST_CASE("a message to an account goes to all resources of the highest priority and to no other") {
  TestServer server;
  TestClient& alice = server.online("alice");
  TestClient& low = server.online("bob", "low", 1);
  TestClient& first = server.online("bob", "first", 5);
  TestClient& second = server.online("bob", "second", 5);
  TestClient& silent = server.login("bob", "silent");

  for (const std::string_view type : {"", "normal", "chat"}) {
    alice.says(message("bob@localhost", type, "hi"));

    CHECK(first.hears("to='bob@localhost'"));
    CHECK(second.hears("hi"));
    CHECK(low.heard().empty());
    CHECK(silent.heard().empty());
  }
}

TEST_CASE("resources of negative priority get nothing that is sent to the account") {
  TestServer server;
  TestClient& alice = server.online("alice");
  TestClient& bob = server.online("bob", "phone", -1);

  alice.says(message("bob@localhost", "chat", "hi"));
  CHECK(bob.heard().empty());
  CHECK(alice.hears(refusal));

  alice.says(message("bob@localhost", "headline", "news"));
  CHECK(bob.heard().empty());
  CHECK(alice.heard().empty());

  alice.says(message("bob@localhost/phone", "chat", "hi"));
  CHECK(bob.hears("hi"));
}

TEST_CASE("a headline to an account goes to all resources that are not negative") {
  TestServer server;
  TestClient& alice = server.online("alice");
  TestClient& low = server.online("bob", "low", 0);
  TestClient& high = server.online("bob", "high", 5);
  TestClient& negative = server.online("bob", "negative", -5);

  alice.says(message("bob@localhost", "headline", "news"));

  CHECK(low.hears("news"));
  CHECK(high.hears("news"));
  CHECK(negative.heard().empty());
}

TEST_CASE("only a chat follows its person when the resource it was meant for is gone") {
  TestServer server;
  TestClient& alice = server.online("alice");
  TestClient& bob = server.online("bob");

  alice.says(message("bob@localhost/gone", "chat", "hi"));
  CHECK(bob.hears("to='bob@localhost/gone'"));
  CHECK(alice.heard().empty());

  for (const std::string_view type : {"", "groupchat"}) {
    alice.says(message("bob@localhost/gone", type, "hi"));
    CHECK(bob.heard().empty());
    CHECK(alice.hears(refusal));
  }
  for (const std::string_view type : {"headline", "error"}) {
    alice.says(message("bob@localhost/gone", type, "hi"));
    CHECK(bob.heard().empty());
    CHECK(alice.heard().empty());
  }
}

TEST_CASE("a groupchat message to an account is refused") {
  TestServer server;
  TestClient& alice = server.online("alice");
  TestClient& bob = server.online("bob");

  alice.says(message("bob@localhost", "groupchat", "hi"));

  CHECK(bob.heard().empty());
  CHECK(alice.hears(refusal));
}

TEST_CASE("a refused message comes back with its id, its content and the addresses swapped") {
  TestServer server;
  TestClient& alice = server.online("alice");

  alice.says(message("nobody@localhost", "chat", "hi"));

  const std::string heard = alice.heard();
  CHECK(contains(heard, "<message from='nobody@localhost' to='alice@localhost/phone' type='error' id='m'>"));
  CHECK(contains(heard, "<body>hi</body><error"));
}

TEST_CASE("errors are never answered with errors") {
  TestServer server;
  TestClient& alice = server.online("alice");

  alice.says(message("nobody@localhost", "error", "hi"));
  alice.says("<iq type='error' id='1' to='nobody@localhost/x'/>");
  alice.says("<iq type='result' id='1' to='nobody@localhost/x'/>");
  alice.says("<iq type='result' id='1' to='nobody@localhost'/>");
  alice.says("<iq type='result' id='1' to='localhost'/>");
  alice.says("<presence type='error' to='nobody@localhost'/>");
  alice.says("<message type='error' to='elsewhere.example'/>");

  CHECK(alice.heard().empty());
}

TEST_CASE("a message to the server, or to another server, is refused") {
  TestServer server;
  TestClient& alice = server.online("alice");

  alice.says(message("localhost", "chat", "hi"));
  CHECK(alice.hears(refusal));

  alice.says(message("bob@elsewhere.example", "chat", "hi"));
  CHECK(alice.hears("<remote-server-not-found"));
}

TEST_CASE("a message without `to` is for the sender's own account") {
  TestServer server;
  TestClient& alice = server.online("alice");

  alice.says("<message type='chat'><body>note to myself</body></message>");

  CHECK(alice.hears("note to myself"));
}

TEST_CASE("an iq to a full address is answered by that client, or refused when it is not there") {
  TestServer server;
  TestClient& alice = server.online("alice");
  TestClient& bob = server.online("bob");

  alice.says("<iq type='get' id='1' to='bob@localhost/phone'><query xmlns='urn:example:x'/></iq>");
  CHECK(bob.hears("<iq from='alice@localhost/phone' to='bob@localhost/phone' type='get' id='1'>"));
  bob.says("<iq type='result' id='1' to='alice@localhost/phone'/>");
  CHECK(alice.heard() == "<iq from='bob@localhost/phone' to='alice@localhost/phone' type='result' id='1'/>");

  alice.says("<iq type='get' id='2' to='bob@localhost/gone'><query xmlns='urn:example:x'/></iq>");
  CHECK(bob.heard().empty());
  CHECK(alice.hears(refusal));
}

TEST_CASE("messages of one sender arrive in order at accounts of all workers") {
  TestServer server{3};
  TestClient& alice = server.online("alice");
  for (const std::string_view name : {"bob", "carol", "dave", "erin", "frank"}) {
    TestClient& friend_ = server.online(name);
    std::string expected;
    for (char c = 'a'; c <= 'e'; ++c)
      alice.says(message(std::string{name} + "@localhost", "chat", std::string_view{&c, 1}));

    const std::string heard = friend_.heard();
    std::size_t last = 0;
    for (char c = 'a'; c <= 'e'; ++c) {
      const std::size_t at = heard.find("<body>" + std::string{c} + "</body>");
      REQUIRE(at != std::string::npos);
      CHECK(at >= last);
      last = at;
    }
  }
}

TEST_CASE("who writes to a client that reads too slowly is held until it has caught up") {
  TestServer server;
  TestClient& alice = server.online("alice");
  TestClient& bob = server.online("bob");
  bob.unread = 1024 * 1024;

  alice.says(message("bob@localhost", "chat", "hi"));
  CHECK(alice.held);

  bob.unread = 0;
  server.home_of(bob.session->jid).worker.adopt_thread();
  server.home_of(bob.session->jid).router.caught_up(*bob.session);
  server.turn();
  CHECK(!alice.held);
}
