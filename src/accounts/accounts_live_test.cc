// SPDX-License-Identifier: Apache-2.0
// Accounts in each of the databases that operators may choose.
#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <vector>

#include "accounts/internal.h"
#include "accounts/kept_secret.h"
#include "store/sql/test_drivers.h"

#define EVERY_KIND OnPostgres, OnMariadb

using namespace meerkat;

namespace {

Jid jid(std::string_view text) { return Jid::parse(text).value(); }

}  // namespace

TEST_CASE_TEMPLATE("accounts are registered, banned, listed and removed", Kind, EVERY_KIND) {
  if (!Kind::is_there()) return;
  Kind::empty_database();
  const auto database = sql::open_rdbms("rdbms.test", Kind::options());
  BlockingPool hashing{"hashing", 2};
  sql::TestHouse house;
  InternalAccountOptions options;
  options.scram_iterations = 64;  // what is tested does not depend on how long it takes
  const auto accounts = make_internal_accounts(*database, hashing, options);
  const Jid alice = jid("alice@example.org");

  CHECK(house.ask(accounts->register_account(alice, "secret")) == Registration::done);
  CHECK(house.ask(accounts->register_account(alice, "secret")) == Registration::exists);
  CHECK(house.ask(accounts->register_account(jid("Bob@example.org"), "secret")) == Registration::done);
  CHECK(house.ask(accounts->check_password(alice, "secret")) == PasswordCheck::right);
  CHECK(house.ask(accounts->check_password(alice, "guessed")) == PasswordCheck::wrong);
  CHECK(house.ask(accounts->change_password(alice, "secret 🐱")) == PasswordChange::done);
  CHECK(house.ask(accounts->check_password(alice, "secret 🐱")) == PasswordCheck::right);
  CHECK(house.ask(accounts->exists(alice)));
  CHECK(house.ask(accounts->count("example.org")) == 2);
  CHECK(house.ask(accounts->list("example.org", 1, 5)) == std::vector<std::string>{"bob"});

  house.ask(accounts->ban(alice, "spam"));
  const auto entry = house.ask(accounts->entry_of(alice));
  REQUIRE(entry);
  REQUIRE(entry->ban);
  CHECK(entry->ban->reason == "spam");
  // The database's clock is in UTC.
  const auto age = std::chrono::system_clock::now() - entry->created;
  CHECK(std::chrono::abs(age) < std::chrono::minutes{10});
  CHECK(house.ask(accounts->list_after("example.org", "alice", 5)).size() == 1);
  house.ask(accounts->unban(alice));
  CHECK(!house.ask(accounts->entry_of(alice))->ban);
  CHECK(house.ask(accounts->remove(alice)));
  CHECK(!house.ask(accounts->exists(alice)));
}
