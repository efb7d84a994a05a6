// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <future>
#include <string>
#include <tuple>
#include <vector>

#include "accounts/anonymous.h"
#include "accounts/internal.h"
#include "accounts/kept_secret.h"
#include "base/test_directory.h"
#include "base/text.h"
#include "store/sql/test_house.h"

using namespace meerkat;

namespace {

Jid jid(std::string_view text) { return Jid::parse(text).value(); }

using Columns = std::tuple<std::string, std::optional<std::string>, std::string>;
constexpr sql::Query<Columns, std::string_view> columns_of{
    "test_columns", "SELECT password, pass_details, created_at FROM users WHERE username = ?"};
constexpr sql::Statement<std::string_view> make_legacy{
    "test_legacy", "INSERT INTO users (server, username, password, pass_details) VALUES ('example.net', 'old', '', ?)"};
constexpr sql::Statement<> make_plain{"test_plain",
                                      "INSERT INTO users (server, username, password) VALUES ('example.net', 'pl', "
                                      "'open sesame')"};

struct Fixture {
  explicit Fixture(InternalAccountOptions options = {}) {
    options.scram_iterations = 64;  // what is tested does not depend on how long it takes
    auto opened = sql::open_sqlite(directory.path());
    REQUIRE_MESSAGE(opened.has_value(), opened.error());
    database = std::move(*opened);
    accounts = make_internal_accounts(*database, hashing, options);
  }
  Registration add(std::string_view user, std::string password) {
    return house.ask(accounts->register_account(jid(user), std::move(password)));
  }
  PasswordCheck check(std::string_view user, std::string password, std::size_t worker = 0) {
    return house.ask(accounts->check_password(jid(user), std::move(password)), worker);
  }

  TestDirectory directory;
  BlockingPool hashing{"hashing", 2};
  sql::TestHouse house;
  std::unique_ptr<sql::Database> database;
  std::unique_ptr<Accounts> accounts;
};

Task<Registration> register_one(Accounts& accounts, Jid user) {
  const Registration outcome = co_await accounts.register_account(user, "secret");
  co_return outcome;
}

}  // namespace

TEST_CASE("a registered account opens with its password and no other") {
  Fixture f;

  CHECK(f.add("alice@example.net", "secret") == Registration::done);

  CHECK(f.check("alice@example.net", "secret") == PasswordCheck::right);
  CHECK(f.check("alice@example.net/phone", "secret", 1) == PasswordCheck::right);
  CHECK(f.check("alice@example.net", "Secret") == PasswordCheck::wrong);
  CHECK(f.check("alice@example.net", "") == PasswordCheck::wrong);
  CHECK(f.check("alice@example.org", "secret") == PasswordCheck::no_such_account);
  CHECK(f.house.ask(f.accounts->exists(jid("alice@example.net"))));
  CHECK_FALSE(f.house.ask(f.accounts->exists(jid("bob@example.net"))));
}

TEST_CASE("the table holds keys for every hash, never the password") {
  Fixture f;
  f.add("alice@example.net", "plaintext");

  const auto row = f.house.ask(f.database->one(columns_of, "alice"));

  REQUIRE(row.has_value());
  const auto& [password, details, created_at] = *row;
  CHECK(password.empty());
  REQUIRE(details.has_value());
  CHECK(details->starts_with("==MULTI_SCRAM==,64,===SHA1==="));
  CHECK(details->find("==SHA512==") != std::string::npos);
  CHECK(details->find("plaintext") == std::string::npos);
  CHECK(created_at.size() == std::string{"2026-01-01 00:00:00"}.size());
}

TEST_CASE("keys are found for each configured hash, with a salt of their own") {
  Fixture f{{.hashes = {ScramHash::sha256, ScramHash::sha512}}};
  f.add("alice@example.net", "secret");

  const auto credentials = f.house.ask(f.accounts->find(jid("alice@example.net")));

  REQUIRE(credentials.has_value());
  REQUIRE(credentials->scram.size() == 2);
  CHECK(credentials->scram[0].hash == ScramHash::sha256);
  CHECK(credentials->scram[1].hash == ScramHash::sha512);
  CHECK(credentials->scram[0].salt != credentials->scram[1].salt);
  CHECK_FALSE(f.house.ask(f.accounts->find(jid("nobody@example.net"))));
  CHECK(f.accounts->scram_hashes().size() == 2);
}

TEST_CASE("a name that was asked for in vain is found once somebody has registered it, and not when it is gone") {
  Fixture f;
  const Jid alice = jid("alice@example.net");
  CHECK_FALSE(f.house.ask(f.accounts->find(alice)));
  CHECK_FALSE(f.house.ask(f.accounts->find(alice)));

  f.add("alice@example.net", "secret");
  CHECK(f.house.ask(f.accounts->find(alice)));
  CHECK(f.house.ask(f.accounts->check_password(alice, "secret")) == PasswordCheck::right);

  CHECK(f.house.ask(f.accounts->remove(alice)));
  CHECK_FALSE(f.house.ask(f.accounts->find(alice)));
  CHECK(f.house.ask(f.accounts->check_password(alice, "secret")) == PasswordCheck::no_such_account);
}

TEST_CASE("a name has as many characters as every database takes, and no more") {
  Fixture f;
  std::string name;
  for (int i = 0; i < 250; ++i) name += "ж";

  CHECK(f.add(name + "@example.net", "secret") == Registration::done);

  CHECK(f.check(name + "@example.net", "secret") == PasswordCheck::right);
  CHECK(f.add(std::string(250, 'x') + "@example.net", "secret") == Registration::done);
  CHECK(f.add(std::string(251, 'x') + "@example.net", "secret") == Registration::bad_name);
}

TEST_CASE("of many who register the same name at once, one succeeds") {
  Fixture f;
  std::vector<std::future<Registration>> running;

  for (std::size_t i = 0; i < 20; ++i)
    running.push_back(f.house.start(register_one(*f.accounts, jid("alice@example.net")), i % 2));

  std::vector<Registration> outcomes;
  for (auto& each : running) outcomes.push_back(each.get());
  CHECK(std::ranges::count(outcomes, Registration::done) == 1);
  CHECK(std::ranges::count(outcomes, Registration::exists) == 19);
}

TEST_CASE("the limit of accounts holds for each domain, even when many come at once") {
  Fixture f{{.max_users_per_domain = 5}};
  std::vector<std::future<Registration>> running;

  for (int i = 0; i < 12; ++i)
    running.push_back(f.house.start(register_one(*f.accounts, jid("u" + std::to_string(i) + "@example.net"))));

  std::vector<Registration> outcomes;
  for (auto& each : running) outcomes.push_back(each.get());
  CHECK(std::ranges::count(outcomes, Registration::done) == 5);
  CHECK(std::ranges::count(outcomes, Registration::too_many_accounts) == 7);
  CHECK(f.add("u0@example.org", "secret") == Registration::done);
}

TEST_CASE("a changed password opens at once, and the old one no more") {
  Fixture f;
  f.add("alice@example.net", "old");
  CHECK(f.check("alice@example.net", "old") == PasswordCheck::right);

  CHECK(f.house.ask(f.accounts->change_password(jid("alice@example.net"), "new")) == PasswordChange::done);

  CHECK(f.check("alice@example.net", "new") == PasswordCheck::right);
  CHECK(f.check("alice@example.net", "old") == PasswordCheck::wrong);
  CHECK(f.house.ask(f.accounts->change_password(jid("bob@example.net"), "x")) == PasswordChange::no_such_account);
  CHECK(f.house.ask(f.accounts->change_password(jid("alice@example.net"), "")) == PasswordChange::bad_password);
}

TEST_CASE("a removed account is gone, and its name may be taken again") {
  Fixture f;
  f.add("alice@example.net", "secret");
  CHECK(f.check("alice@example.net", "secret") == PasswordCheck::right);

  CHECK(f.house.ask(f.accounts->remove(jid("alice@example.net"))));

  CHECK_FALSE(f.house.ask(f.accounts->remove(jid("alice@example.net"))));
  CHECK(f.check("alice@example.net", "secret") == PasswordCheck::no_such_account);
  CHECK(f.add("alice@example.net", "other") == Registration::done);
  CHECK(f.check("alice@example.net", "other") == PasswordCheck::right);
}

TEST_CASE("a banned account keeps its password and its name, and opens again when it is unbanned") {
  Fixture f;
  const Jid alice = jid("alice@example.net");
  f.add("alice@example.net", "secret");
  f.house.ask(f.accounts->find(alice));  // remembers the keys
  CHECK(f.house.ask(f.accounts->standing(alice)) == Standing::open);

  CHECK(f.house.ask(f.accounts->ban(alice, "spam")) == BanChange::done);

  CHECK(f.house.ask(f.accounts->standing(alice)) == Standing::banned);
  f.house.ask(f.accounts->find(alice));
  CHECK(f.house.ask(f.accounts->standing(alice), 1) == Standing::banned);
  CHECK(f.check("alice@example.net", "secret") == PasswordCheck::right);
  CHECK(f.add("alice@example.net", "other") == Registration::exists);
  CHECK(f.house.ask(f.accounts->unban(alice)) == BanChange::done);
  CHECK(f.house.ask(f.accounts->standing(alice)) == Standing::open);
  CHECK(f.house.ask(f.accounts->unban(alice)) == BanChange::unchanged);
}

TEST_CASE("a ban survives a restart, has a reason and a time, and goes with the account") {
  Fixture f;
  const Jid alice = jid("alice@example.net");
  f.add("alice@example.net", "secret");
  f.house.ask(f.accounts->ban(alice, "spam"));
  f.house.ask(f.accounts->ban(alice, "more spam"));
  f.accounts.reset();
  f.database.reset();
  f.database = sql::open_sqlite(f.directory.path()).value();
  f.accounts = make_internal_accounts(*f.database, f.hashing, {.scram_iterations = 64});

  const auto entry = f.house.ask(f.accounts->entry_of(alice));

  REQUIRE(entry.has_value());
  REQUIRE(entry->ban.has_value());
  CHECK(entry->ban->reason == "more spam");
  CHECK(entry->ban->since >= entry->created);
  CHECK(entry->created > WallTime{} + std::chrono::years{50});
  CHECK(f.house.ask(f.accounts->remove(alice)));
  CHECK(f.house.ask(f.accounts->standing(alice)) == Standing::no_such_account);
  f.add("alice@example.net", "secret");
  CHECK(f.house.ask(f.accounts->standing(alice)) == Standing::open);
}

TEST_CASE("nobody is banned who has no account") {
  Fixture f;

  CHECK(f.house.ask(f.accounts->ban(jid("nobody@example.net"), "spam")) == BanChange::no_such_account);
  CHECK(f.house.ask(f.accounts->unban(jid("nobody@example.net"))) == BanChange::no_such_account);
  CHECK_FALSE(f.house.ask(f.accounts->entry_of(jid("nobody@example.net"))));
}

TEST_CASE("a database from before there were bans is brought up to date") {
  Fixture f;
  f.add("alice@example.net", "secret");
  f.accounts.reset();
  constexpr sql::Statement<> forget_bans{"test_drop", "DROP TABLE account_bans"};
  constexpr sql::Statement<> forget_version{"test_version",
                                            "UPDATE schema_migrations SET number = 0 WHERE name = 'accounts'"};
  f.house.ask(f.database->execute(forget_bans));
  f.house.ask(f.database->execute(forget_version));

  f.accounts = make_internal_accounts(*f.database, f.hashing, {.scram_iterations = 64});

  CHECK(f.house.ask(f.accounts->ban(jid("alice@example.net"), "spam")) == BanChange::done);
}

TEST_CASE("all accounts of a domain are gone through page by page, in the order of names") {
  Fixture f;
  for (const char* user : {"carol@example.net", "alice@example.net", "bob@example.net", "dave@example.org"})
    f.add(user, "secret");
  f.house.ask(f.accounts->ban(jid("bob@example.net"), "spam"));

  const auto first = f.house.ask(f.accounts->list_after("example.net", "", 2));
  const auto second = f.house.ask(f.accounts->list_after("example.net", "bob", 2));

  REQUIRE(first.size() == 2);
  CHECK(first[0].name == "alice");
  CHECK_FALSE(first[0].ban);
  CHECK(first[1].name == "bob");
  CHECK(first[1].ban);
  REQUIRE(second.size() == 1);
  CHECK(second[0].name == "carol");
}

TEST_CASE("accounts of a domain are counted and listed by name, in pages") {
  Fixture f;
  for (const char* user : {"carol@example.net", "alice@example.net", "bob@example.net", "dave@example.org"})
    f.add(user, "secret");

  using Names = std::vector<std::string>;
  CHECK(f.house.ask(f.accounts->count("example.net")) == 3);
  CHECK(f.house.ask(f.accounts->list("example.net", 0, 2)) == Names{"alice", "bob"});
  CHECK(f.house.ask(f.accounts->list("example.net", 2, 2)) == Names{"carol"});
}

TEST_CASE("passwords are prepared before they are kept and compared") {
  Fixture f;

  CHECK(f.add("alice@example.net", "I\xC2\xADX") == Registration::done);  // a soft hyphen, which SASLprep drops

  CHECK(f.check("alice@example.net", "IX") == PasswordCheck::right);
  CHECK(f.add("bob@example.net", "bell\x07") == Registration::bad_password);
  CHECK(f.add("bob@example.net", "") == Registration::bad_password);
  CHECK(f.check("alice@example.net", "bell\x07") == PasswordCheck::wrong);
  CHECK(f.add("example.net", "secret") == Registration::not_allowed);
}

TEST_CASE("plain passwords are kept when the operator wants it, and SCRAM works all the same") {
  Fixture f{{.format = InternalAccountOptions::Format::plain}};
  f.add("alice@example.net", "secret");

  const auto row = f.house.ask(f.database->one(columns_of, "alice"));
  const auto credentials = f.house.ask(f.accounts->find(jid("alice@example.net")));

  REQUIRE(row.has_value());
  CHECK(std::get<0>(*row) == "secret");
  CHECK_FALSE(std::get<1>(*row));
  REQUIRE(credentials.has_value());
  CHECK(credentials->scram.size() == all_scram_hashes.size());
  CHECK(password_matches(credentials->scram[2], "secret"));
  CHECK(f.check("alice@example.net", "secret") == PasswordCheck::right);
  CHECK(f.check("alice@example.net", "wrong") == PasswordCheck::wrong);
  CHECK(f.check("bob@example.net", "secret") == PasswordCheck::no_such_account);
}

TEST_CASE("accounts made by other formats of the table still open") {
  Fixture f;
  const auto keys = derive_scram_keys(ScramHash::sha1, "legacy", "0123456789abcdef", 64);
  const std::string text =
      "==SCRAM==," + base64(keys.stored_key) + "," + base64(keys.server_key) + "," + base64(keys.salt) + ",64";
  f.house.ask(f.database->execute(make_legacy, text));
  f.house.ask(f.database->execute(make_plain));

  CHECK(f.check("old@example.net", "legacy") == PasswordCheck::right);
  CHECK(f.check("pl@example.net", "open sesame") == PasswordCheck::right);
  CHECK(f.check("pl@example.net", "open") == PasswordCheck::wrong);
}

TEST_CASE("keys that cannot be read match no password") {
  Fixture f;
  f.house.ask(f.database->execute(make_legacy, "garbage"));

  CHECK(f.check("old@example.net", "garbage") == PasswordCheck::wrong);
}

TEST_CASE("accounts are still there after the store was closed and opened again") {
  Fixture f;
  f.add("alice@example.net", "secret");
  f.accounts.reset();
  f.database.reset();

  f.database = sql::open_sqlite(f.directory.path()).value();
  f.accounts = make_internal_accounts(*f.database, f.hashing, {.scram_iterations = 64});

  CHECK(f.check("alice@example.net", "secret") == PasswordCheck::right);
}

TEST_CASE("anonymous accounts know nobody and keep nothing") {
  sql::TestHouse house;
  const auto accounts = make_anonymous_accounts();
  const Jid user = jid("anyone@example.net");

  CHECK_FALSE(house.ask(accounts->find(user)));
  CHECK_FALSE(house.ask(accounts->exists(user)));
  CHECK(house.ask(accounts->check_password(user, "secret")) == PasswordCheck::no_such_account);
  CHECK(house.ask(accounts->register_account(user, "secret")) == Registration::not_allowed);
  CHECK(house.ask(accounts->count("example.net")) == 0);
}

TEST_CASE("where plain passwords are compared, unknown names cost no more than wrong passwords") {
  Fixture f{{.format = InternalAccountOptions::Format::plain}};
  CHECK(f.add("alice@example.net", "secret") == Registration::done);
  // Nothing is hashed while all hashing threads are busy.
  std::promise<void> end;
  const std::shared_future<void> ended = end.get_future().share();
  const auto busy = [](BlockingPool& hashing, std::shared_future<void> until) -> Task<bool> {
    co_await hashing.run([until] { until.wait(); });
    co_return true;
  };
  std::future<bool> one = f.house.start(busy(f.hashing, ended));
  std::future<bool> other = f.house.start(busy(f.hashing, ended));

  std::future<PasswordCheck> wrong = f.house.start(f.accounts->check_password(jid("alice@example.net"), "wrong"));
  std::future<PasswordCheck> unknown = f.house.start(f.accounts->check_password(jid("nobody@example.net"), "wrong"));
  const bool in_time = wrong.wait_for(std::chrono::seconds{30}) == std::future_status::ready &&
                       unknown.wait_for(std::chrono::seconds{30}) == std::future_status::ready;
  end.set_value();

  CHECK(in_time);
  CHECK(wrong.get() == PasswordCheck::wrong);
  CHECK(unknown.get() == PasswordCheck::no_such_account);
  CHECK(one.get());
  CHECK(other.get());
}

TEST_CASE("a secret is drawn once, and survives restarts") {
  const SystemClock clock;
  Worker here{0, 1, clock};  // outlives both databases
  Fixture f;
  const std::string first = kept_secret(*f.database, "salts", here);
  CHECK(first.size() == 32);
  CHECK(kept_secret(*f.database, "salts", here) == first);
  CHECK(kept_secret(*f.database, "others", here) != first);

  f.accounts.reset();
  f.database.reset();
  auto opened = sql::open_sqlite(f.directory.path());
  REQUIRE_MESSAGE(opened.has_value(), opened.error());

  CHECK(kept_secret(**opened, "salts", here) == first);
}
