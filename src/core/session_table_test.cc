// SPDX-License-Identifier: Apache-2.0
#include "core/session_table.h"

#include <doctest/doctest.h>

#include <set>
#include <string>

#include "core/test_hall.h"

using namespace meerkat;

namespace {

// Takes its time when a session ends.
struct Mourner {
  Gate gate;
  std::string ended;
  Task<Verdict> session_ended(SessionEnds& event) {
    co_await gate;
    ended = event.session.jid.text();
    co_return Verdict::next();
  }
};

Jid address(int number, std::string_view resource) {
  return *Jid::make("user" + std::to_string(number), "localhost", resource);
}

}  // namespace

TEST_CASE("going through a table visits everybody who stays, though it grows and empties on the way") {
  TestServer server{1};
  Hall& hall = *server.halls[0];
  SessionStream& stream = *server.login("somebody").session->stream;
  SessionTable table;
  for (int i = 0; i < 900; ++i) table.open(address(i, "a"), TestServer::host(hall), stream);

  std::set<std::string> seen;
  std::uint64_t position = 0;
  int step = 0;
  do {
    position = table.visit_some(position, [&](Session& session) { seen.emplace(session.jid.text()); });
    ++step;
    // In the middle it doubles, twice.
    if (step == 300)
      for (int i = 900; i < 3000; ++i) table.open(address(i, "a"), TestServer::host(hall), stream);
    if (step == 400)
      for (int i = 0; i < 100; ++i) table.close(*table.find_session(address(i, "a")));
  } while (position != 0);

  for (int i = 100; i < 900; ++i) CHECK(seen.contains(std::string{address(i, "a").text()}));
  CHECK(step < 4 * 1024 + 2);
}

TEST_CASE("a session knows since when it is open") {
  TestServer server{1};
  server.passes(std::chrono::hours{1});

  const Session& session = *server.login("alice").session;

  CHECK(WallTime{} + std::chrono::seconds{session.opened_at} == server.clock.wall());
}

TEST_CASE("sessions are found by their full address, accounts by any of theirs, however many there are") {
  TestServer server{1};
  Hall& hall = *server.halls[0];
  TestClient& somebody = server.login("somebody");
  SessionStream& stream = *somebody.session->stream;
  SessionTable table;
  constexpr int many = 3000;  // more than there are buckets at first

  for (int i = 0; i < many; ++i) {
    table.open(address(i, "a"), TestServer::host(hall), stream);
    table.open(address(i, "b"), TestServer::host(hall), stream);
  }
  for (int i = 0; i < many; i += 2) table.close(*table.find_session(address(i, "a")));

  CHECK(table.size() == many + many / 2);
  for (int i = 0; i < many; ++i) {
    CHECK((table.find_session(address(i, "a")) == nullptr) == (i % 2 == 0));
    REQUIRE(table.find_session(address(i, "b")) != nullptr);
    CHECK(table.count_of(*table.find(address(i, "x"))) == static_cast<std::size_t>(1 + i % 2));
  }
}

TEST_CASE("an account without sessions is not found") {
  TestServer server{1};
  TestClient& alice = server.login("alice");
  const Jid full = alice.session->jid;

  alice.disconnects();

  CHECK(server.halls[0]->sessions.find(full) == nullptr);
  CHECK(server.halls[0]->sessions.size() == 0);
}

TEST_CASE("while a handler waits for the end of a session its name is free and nothing is delivered to it") {
  TestServer server{1};
  Mourner mourner;
  TestServer::host(*server.halls[0]).hooks.on<&Mourner::session_ended>(mourner);
  TestClient& alice = server.online("alice");
  TestClient& old = server.online("bob");
  old.disconnects();
  old.heard();

  alice.says("<message to='bob@localhost/phone' type='normal'><body>hi</body></message>");
  CHECK(old.heard().empty());
  CHECK(alice.hears("<service-unavailable"));
  TestClient& anew = server.online("bob");
  alice.says("<message to='bob@localhost/phone' type='normal'><body>hi</body></message>");
  CHECK(anew.hears("hi"));

  mourner.gate.open();
  CHECK(mourner.ended == "bob@localhost/phone");
  CHECK(anew.session != nullptr);
}
