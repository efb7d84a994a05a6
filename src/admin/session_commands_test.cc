// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <set>

#include "admin/test_office.h"

using namespace meerkat;
using namespace meerkat::admin;
using namespace std::chrono_literals;

TEST_CASE("sessions of all workers are listed with what is known of them") {
  TestOffice office;
  office.server.online("alice", "phone", 7);
  office.server.login("bob");
  office.server.passes(90s);

  const auto rows = office.rows("session list");

  REQUIRE(rows.size() == 2);
  const Row& row = text_in(rows[0], 0) == "alice@localhost/phone" ? rows[0] : rows[1];
  CHECK(text_in(row, 0) == "alice@localhost/phone");
  CHECK(std::get<bool>(row[3]));
  CHECK(number_in(row, 4) == 7);
  CHECK(number_in(row, 5) == 90);
}

TEST_CASE("many sessions come in pages, each once, and no more than were asked for") {
  TestOffice office;
  for (int i = 0; i < 1200; ++i) office.server.login("user" + std::to_string(i));

  std::set<std::string> seen;
  for (const Row& row : office.rows("session list")) CHECK(seen.insert(text_in(row, 0)).second);

  CHECK(seen.size() == 1200);
  CHECK(office.pages >= 4);
  CHECK(office.largest_page <= 260);  // a bucket more or less
  CHECK(office.rows("session list", {{"limit", "301"}}).size() == 301);
  CHECK(office.rows("session list", {{"domain", "localhost"}}).size() == 1200);
  CHECK(office.refused("session list", {{"domain", "elsewhere"}}) == "domain_not_found");
}

TEST_CASE("sessions are found by a part of their address, and gone through in pieces") {
  TestOffice office;
  for (int i = 0; i < 30; ++i) office.server.login("user" + std::to_string(i));

  CHECK(office.rows("session list", {{"search", "user7@"}}).size() == 1);
  CHECK(office.rows("session list", {{"search", "nobody"}}).empty());
  std::set<std::string> seen;
  for (const std::string skip : {"0", "12", "24", "36"})
    for (const Row& row : office.rows("session list", {{"skip", skip}, {"limit", "12"}}))
      CHECK(seen.insert(text_in(row, 0)).second);
  CHECK(seen.size() == 30);
}

TEST_CASE("sessions are counted by domain") {
  TestOffice office;
  office.server.login("alice", "phone");
  office.server.login("alice", "desk");
  office.server.login("bob");

  const auto rows = office.rows("session count");

  REQUIRE(rows.size() == 1);
  CHECK(text_in(rows[0], 0) == "localhost");
  CHECK(number_in(rows[0], 1) == 3);
  CHECK(office.refused("session count", {{"domain", "elsewhere"}}) == "domain_not_found");
}

TEST_CASE("a session is shown alone or with the others of its account") {
  TestOffice office;
  TestClient& phone = office.server.login("alice", "phone");
  office.server.login("alice", "desk");
  office.server.login("bob");
  phone.unread = 5;

  CHECK(office.rows("session info", {{"address", "alice@localhost"}}).size() == 2);
  const auto one = office.rows("session info", {{"address", "alice@localhost/phone"}});
  REQUIRE(one.size() == 1);
  CHECK(text_in(one[0], 6) == "connected");
  CHECK(number_in(one[0], 10) == 5);
  CHECK(office.refused("session info", {{"address", "alice@localhost/sofa"}}) == "no_session");
  CHECK(office.refused("session info", {{"address", "alice@elsewhere"}}) == "domain_not_found");
}

TEST_CASE("a session whose client is away tells what it waits with, and how long; kicked, it is gone") {
  TestOffice office;
  TestClient& bob = office.server.online("bob");
  bob.enables_management();
  office.server.online("alice").says("<message to='bob@localhost/phone' type='chat'><body>hello</body></message>");
  CHECK(number_in(office.rows("session info", {{"address", "bob@localhost"}})[0], 7) == 1);
  bob.loses_connection();
  office.server.passes(90s);

  const auto rows = office.rows("session info", {{"address", "bob@localhost"}});

  REQUIRE(rows.size() == 1);
  CHECK(text_in(rows[0], 6) == "detached");
  CHECK(number_in(rows[0], 7) == 1);
  CHECK(number_in(rows[0], 8) == 510);
  CHECK(office.says("session kick", {{"address", "bob@localhost/phone"}}) == "bob@localhost/phone is kicked");
  CHECK(office.refused("session info", {{"address", "bob@localhost"}}) == "no_session");
}

TEST_CASE("who is kicked hears why, and nobody else is touched") {
  TestOffice office;
  TestClient& phone = office.server.login("alice", "phone");
  TestClient& desk = office.server.login("alice", "desk");

  CHECK(office.says("session kick", {{"address", "alice@localhost/phone"}, {"reason", "go home"}}) ==
        "alice@localhost/phone is kicked");

  CHECK(phone.hears("go home"));
  CHECK(phone.session == nullptr);
  CHECK(desk.session != nullptr);
  CHECK(office.refused("session kick", {{"address", "alice@localhost/phone"}}) == "no_session");
  CHECK(office.says("session kick", {{"address", "alice@localhost"}}) == "alice@localhost is kicked");
  CHECK(desk.session == nullptr);
}
