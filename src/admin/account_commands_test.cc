// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "admin/test_office.h"
#include "core/events/account_events.h"

using namespace meerkat;
using namespace meerkat::admin;

namespace {

// Hears of accounts that come and go.
struct Watcher {
  std::vector<std::string> heard;
  Verdict registered(AccountRegistered& event) {
    heard.push_back("registered " + std::string{event.user.text()});
    return Verdict::next();
  }
  Verdict removed(AccountRemoved& event) {
    heard.push_back("removed " + std::string{event.user.text()});
    return Verdict::next();
  }
};

const TestOffice::Given alice = {{"user", "alice@localhost"}};

}  // namespace

TEST_CASE("an account is registered once, and modules hear of it at its home") {
  TestOffice office;
  Watcher watcher;
  office.server.on_all_hosts([&](HostType& host) { host.hooks.on<&Watcher::registered>(watcher, 0); });

  CHECK(office.says("account register", {{"user", "alice@localhost"}, {"password", "secret"}}) ==
        "alice@localhost is registered");

  CHECK(office.server.accounts.passwords.at("alice@localhost") == "secret");
  CHECK(watcher.heard == std::vector<std::string>{"registered alice@localhost"});
  CHECK(office.refused("account register", {{"user", "alice@localhost"}, {"password", "x"}}) == "exists");
  CHECK(office.refused("account register", {{"user", "bob@localhost"}, {"password", ""}}) == "bad_password");
  CHECK(office.refused("account register", {{"user", "bob@elsewhere"}, {"password", "x"}}) == "domain_not_found");
}

TEST_CASE("an account that is removed loses its sessions, and modules forget it") {
  TestOffice office;
  Watcher watcher;
  office.server.on_all_hosts([&](HostType& host) { host.hooks.on<&Watcher::removed>(watcher, 0); });
  TestClient& phone = office.server.login("alice");
  TestClient& bob = office.server.login("bob");

  CHECK(office.says("account unregister", alice).starts_with("alice@localhost is removed"));

  CHECK(phone.ended_with == "not-authorized");
  CHECK(bob.session != nullptr);
  CHECK(watcher.heard == std::vector<std::string>{"removed alice@localhost"});
  CHECK(office.refused("account unregister", alice) == "user_does_not_exist");
}

TEST_CASE("a password is changed and checked, and sessions stay") {
  TestOffice office;
  TestClient& phone = office.server.login("alice");

  CHECK(office.says("account change-password", {{"user", "alice@localhost"}, {"password", "new"}}) != "");

  CHECK(office.says("account check-password", {{"user", "alice@localhost"}, {"password", "new"}}) ==
        "this is the password of alice@localhost");
  CHECK(office.refused("account check-password", {{"user", "alice@localhost"}, {"password", "old"}}) == "incorrect");
  CHECK(office.refused("account change-password", {{"user", "no@localhost"}, {"password", "x"}}) ==
        "user_does_not_exist");
  CHECK(phone.session != nullptr);
}

TEST_CASE("a banned account loses its sessions with the reason, and is unbanned once") {
  TestOffice office;
  TestClient& phone = office.server.login("alice", "phone");
  TestClient& desk = office.server.login("alice", "desk");

  CHECK(office.says("account ban", {{"user", "alice@localhost"}, {"reason", "spam"}}) ==
        "alice@localhost is banned; 2 of its sessions were ended");

  CHECK(phone.ended_with == "policy-violation");
  CHECK(desk.hears("spam"));
  CHECK(office.server.accounts.bans.at("alice@localhost") == "spam");
  CHECK(office.says("account unban", alice) != "");
  CHECK(office.refused("account unban", alice) == "not_banned");
  CHECK(office.refused("account ban", {{"user", "nobody@localhost"}}) == "user_does_not_exist");
}

TEST_CASE("an account is looked at with its ban and the number of its sessions") {
  TestOffice office;
  office.server.login("alice", "phone");
  office.server.login("alice", "desk");
  office.server.accounts.bans["alice@localhost"] = "spam";

  const CommandResult result = office.run("account check", alice);

  REQUIRE(std::holds_alternative<Record>(result));
  const Row& row = std::get<Record>(result).row;
  CHECK(text_in(row, 0) == "alice@localhost");
  CHECK(std::get<bool>(row[2]));
  CHECK(text_in(row, 3) == "spam");
  CHECK(number_in(row, 5) == 2);
  CHECK(office.refused("account check", {{"user", "nobody@localhost"}}) == "user_does_not_exist");
}

TEST_CASE("accounts are listed page by page, within limits, and counted") {
  TestOffice office;
  for (int i = 0; i < 600; ++i)
    office.server.accounts.passwords["user" + std::to_string(1000 + i) + "@localhost"] = "x";

  CHECK(office.rows("account list").size() == 600);
  CHECK(office.largest_page == 250);
  const auto some = office.rows("account list", {{"limit", "3"}, {"after", "user1010"}});
  REQUIRE(some.size() == 3);
  CHECK(text_in(some[0], 0) == "user1011@localhost");
  CHECK(office.rows("account list", {{"limit", "0"}}).empty());
  CHECK(number_in(office.rows("account count", {{"domain", "localhost"}}).at(0), 1) == 600);
  CHECK(office.refused("account list", {{"domain", "elsewhere"}}) == "domain_not_found");
  CHECK(office.refused("account count", {{"domain", "elsewhere"}}) == "domain_not_found");
}

TEST_CASE("a broken store is a refusal, and nothing else breaks") {
  TestOffice office;
  office.server.accounts.broken = true;

  CHECK(office.refused("account check", alice) == "unavailable");
  CHECK(office.refused("account ban", alice) == "unavailable");
  office.server.accounts.broken = false;
  CHECK(office.refused("account check", alice) == "user_does_not_exist");
}
