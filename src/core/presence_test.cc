// SPDX-License-Identifier: Apache-2.0
// RFC 6121 §4 as far as it needs no roster.
#include <doctest/doctest.h>

#include "core/test_hall.h"

using namespace meerkat;

TEST_CASE("available resources of an account learn of each other, and of themselves") {
  TestServer server;
  TestClient& phone = server.online("bob", "phone", 3);
  TestClient& laptop = server.login("bob", "laptop");

  laptop.says("<presence><show>away</show></presence>");

  CHECK(phone.heard() == "<presence from='bob@localhost/laptop' to='bob@localhost/phone'><show>away</show></presence>");
  const std::string heard = laptop.heard();
  CHECK(contains(heard, "<presence from='bob@localhost/laptop' to='bob@localhost/laptop'>"));
  CHECK(contains(heard, "<presence from='bob@localhost/phone' to='bob@localhost/laptop'><priority>3</priority>"));
}

TEST_CASE("a resource that goes away is unavailable to the others of its account") {
  TestServer server;
  TestClient& phone = server.online("bob", "phone");
  TestClient& laptop = server.online("bob", "laptop");

  laptop.says("<presence type='unavailable'><status>bye</status></presence>");

  CHECK(phone.heard() ==
        "<presence from='bob@localhost/laptop' to='bob@localhost/phone' type='unavailable'><status>bye</status>"
        "</presence>");
  CHECK(!laptop.session->available());
}

TEST_CASE("a resource whose connection is lost is unavailable to the others of its account, once") {
  TestServer server;
  TestClient& phone = server.online("bob", "phone");
  TestClient& laptop = server.online("bob", "laptop");

  laptop.disconnects();

  CHECK(phone.heard() == "<presence from='bob@localhost/laptop' to='bob@localhost/phone' type='unavailable'/>");
}

TEST_CASE("who got directed presence hears of the end of the session") {
  TestServer server;
  TestClient& alice = server.online("alice");
  TestClient& bob = server.online("bob");

  bob.says("<presence to='alice@localhost'><status>only you</status></presence>");
  CHECK(alice.hears("<presence from='bob@localhost/phone' to='alice@localhost'><status>only you</status>"));
  bob.disconnects();

  CHECK(alice.heard() == "<presence from='bob@localhost/phone' to='alice@localhost' type='unavailable'/>");
}

TEST_CASE("who got directed presence hears that the sender became unavailable, once") {
  TestServer server;
  TestClient& alice = server.online("alice");
  TestClient& bob = server.online("bob");
  bob.says("<presence to='alice@localhost/phone'/>");
  alice.heard();

  bob.says("<presence type='unavailable'/>");
  CHECK(alice.hears("type='unavailable'"));
  bob.disconnects();

  CHECK(alice.heard().empty());
}

TEST_CASE("who was told directly that the sender is unavailable is not told again") {
  TestServer server;
  TestClient& alice = server.online("alice");
  TestClient& bob = server.online("bob");
  bob.says("<presence to='alice@localhost'/>");
  bob.says("<presence to='alice@localhost' type='unavailable'/>");
  alice.heard();

  bob.disconnects();

  CHECK(alice.heard().empty());
}

TEST_CASE("directed presence works without being available") {
  TestServer server;
  TestClient& alice = server.online("alice");
  TestClient& bob = server.login("bob");

  bob.says("<presence to='alice@localhost'/>");
  CHECK(alice.hears("<presence from='bob@localhost/phone'"));
  bob.disconnects();

  CHECK(alice.hears("type='unavailable'"));
}

TEST_CASE("a priority is a whole number from -128 to 127") {
  TestServer server;
  for (const std::string_view good : {"-128", "127", "0", "+5"}) {
    TestClient& bob = server.login("bob", good);
    bob.says("<presence><priority>" + std::string{good} + "</priority></presence>");
    CHECK(bob.session->available());
  }
  for (const std::string_view bad : {"128", "-129", "", "high", "1.5", "+-5", "99999999999"}) {
    TestClient& alice = server.login("alice", "r" + std::string{bad});
    alice.says("<presence><priority>" + std::string{bad} + "</priority></presence>");
    CHECK(alice.hears("<bad-request"));
    CHECK(!alice.session->available());
  }
}

TEST_CASE("a new priority takes effect without going away first") {
  TestServer server;
  TestClient& alice = server.online("alice");
  TestClient& phone = server.online("bob", "phone", 5);
  TestClient& laptop = server.online("bob", "laptop", 1);
  phone.says("<presence><priority>-1</priority></presence>");
  laptop.heard();

  alice.says("<message to='bob@localhost' type='chat'><body>hi</body></message>");

  CHECK(laptop.hears("hi"));
  CHECK(!phone.hears("hi"));
}

TEST_CASE("a subscription without `to` is a bad request") {
  TestServer server;
  TestClient& alice = server.online("alice");

  alice.says("<presence type='subscribe'/>");

  CHECK(alice.hears("<bad-request"));
}

TEST_CASE("presence to nobody is dropped without a word") {
  TestServer server;
  TestClient& alice = server.online("alice");

  alice.says("<presence to='nobody@localhost'/>");
  alice.says("<presence to='nobody@localhost' type='unavailable'/>");
  alice.says("<presence to='localhost'/>");

  CHECK(alice.heard().empty());
}
