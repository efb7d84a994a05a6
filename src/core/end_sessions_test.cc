// SPDX-License-Identifier: Apache-2.0
#include "core/end_sessions.h"

#include <doctest/doctest.h>

#include "core/test_hall.h"

using namespace meerkat;

TEST_CASE("a full address ends one session, a bare one all of the account and nobody else's") {
  TestServer server;
  TestClient& phone = server.login("alice", "phone");
  TestClient& desk = server.login("alice", "desk");
  TestClient& sofa = server.login("alice", "sofa");
  TestClient& bob = server.login("bob");
  const Jid alice = *Jid::parse("alice@localhost");
  Hall& home = server.home_of(alice);
  home.worker.adopt_thread();

  CHECK(end_sessions(home, *Jid::parse("alice@localhost/phone"), StreamError::policy_violation()) == 1);
  CHECK(phone.session == nullptr);
  CHECK(desk.session != nullptr);

  CHECK(end_sessions(home, alice, StreamError::policy_violation()) == 2);
  CHECK(sofa.ended_with == "policy-violation");
  CHECK(bob.session != nullptr);
  CHECK(end_sessions(home, alice, StreamError::policy_violation()) == 0);
}

TEST_CASE("one session may be left") {
  TestServer server;
  TestClient& phone = server.login("alice", "phone");
  TestClient& desk = server.login("alice", "desk");
  const Jid alice = *Jid::parse("alice@localhost");
  Hall& home = server.home_of(alice);
  home.worker.adopt_thread();

  CHECK(end_sessions(home, alice, StreamError::policy_violation(), *Jid::parse("alice@localhost/desk")) == 1);

  CHECK(phone.session == nullptr);
  CHECK(desk.session != nullptr);
}
