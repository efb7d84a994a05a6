// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <memory>
#include <string>

#include "accounts/anonymous.h"
#include "accounts/pki.h"
#include "accounts/several.h"
#include "core/accounts_unsettled.h"
#include "core/test_accounts.h"
#include "store/sql/test_house.h"

using namespace meerkat;

namespace {

Jid jid(std::string_view text) { return Jid::parse(text).value(); }

struct Two {
  std::shared_ptr<MemoryAccounts> first = std::make_shared<MemoryAccounts>();
  std::shared_ptr<MemoryAccounts> second = std::make_shared<MemoryAccounts>();
  std::unique_ptr<Accounts> both = make_several_accounts({{AuthMethod::internal, first}, {AuthMethod::rdbms, second}});
  sql::TestHouse house{1};

  PasswordCheck check(std::string password, std::string_view user = "alice@a.example") {
    return house.ask(both->check_password(jid(user), std::move(password)));
  }
};

}  // namespace

TEST_CASE("a password is right when any method says so") {
  Two two;
  two.first->passwords["alice@a.example"] = "one";
  two.second->passwords["alice@a.example"] = "two";
  two.second->passwords["bob@a.example"] = "three";

  CHECK(two.check("one") == PasswordCheck::right);
  CHECK(two.check("two") == PasswordCheck::right);
  CHECK(two.check("three") == PasswordCheck::wrong);
  CHECK(two.check("three", "bob@a.example") == PasswordCheck::right);
  CHECK(two.check("one", "carol@a.example") == PasswordCheck::no_such_account);
  CHECK(two.house.ask(two.both->exists(jid("bob@a.example"))));
  CHECK_FALSE(two.house.ask(two.both->exists(jid("carol@a.example"))));
}

TEST_CASE("a method that cannot be asked stops nobody whom another one lets in, and puts off everybody else") {
  Two two;
  two.first->broken = true;
  two.second->passwords["bob@a.example"] = "right";

  CHECK(two.check("right", "bob@a.example") == PasswordCheck::right);
  // It may be the password of the method that is away; whoever guesses is told apart from whoever is at home there.
  CHECK_THROWS_AS(two.check("wrong", "bob@a.example"), AccountsUnsettled);
  CHECK_THROWS_WITH(two.check("right", "alice@a.example"), "the store is broken");
  CHECK_THROWS(two.house.ask(two.both->find(jid("bob@a.example"))));
  CHECK_THROWS(two.check("right", "alice@a.example"));
  CHECK_THROWS(two.house.ask(two.both->exists(jid("alice@a.example"))));
  CHECK(two.house.ask(two.both->exists(jid("bob@a.example"))));
}

TEST_CASE("an account is made by the first method, unless any of them has it") {
  Two two;
  two.second->passwords["alice@a.example"] = "two";

  CHECK(two.house.ask(two.both->register_account(jid("alice@a.example"), "mine")) == Registration::exists);
  CHECK(two.house.ask(two.both->register_account(jid("bob@a.example"), "mine")) == Registration::done);
  CHECK(two.first->passwords.contains("bob@a.example"));
  CHECK_FALSE(two.first->passwords.contains("alice@a.example"));

  two.second->broken = true;
  CHECK_THROWS(two.house.ask(two.both->register_account(jid("carol@a.example"), "mine")));
  CHECK_FALSE(two.first->passwords.contains("carol@a.example"));
}

TEST_CASE("nobody registers beside a method that knows every name") {
  const auto memory = std::make_shared<MemoryAccounts>();
  const auto all = make_several_accounts({{AuthMethod::internal, memory}, {AuthMethod::pki, make_pki_accounts()}});
  sql::TestHouse house{1};

  CHECK_FALSE(all->can_register());
  CHECK(house.ask(all->register_account(jid("alice@a.example"), "mine")) == Registration::not_allowed);
  CHECK(memory->passwords.empty());
  CHECK(house.ask(all->exists(jid("whoever@a.example"))));
  CHECK(all->accepts_certificates());
  CHECK(all->checks_passwords());
}

TEST_CASE("a password is changed where the account is, and removed everywhere") {
  Two two;
  two.second->passwords["bob@a.example"] = "old";

  CHECK(two.house.ask(two.both->change_password(jid("bob@a.example"), "new")) == PasswordChange::done);
  CHECK(two.second->passwords["bob@a.example"] == "new");
  CHECK(two.house.ask(two.both->change_password(jid("carol@a.example"), "new")) == PasswordChange::no_such_account);

  two.first->passwords["bob@a.example"] = "too";
  CHECK(two.house.ask(two.both->remove(jid("bob@a.example"))));
  CHECK(two.first->passwords.empty());
  CHECK(two.second->passwords.empty());
  CHECK_FALSE(two.house.ask(two.both->remove(jid("bob@a.example"))));
}

TEST_CASE("whoever is banned by one method is banned for all") {
  Two two;
  two.first->passwords["bob@a.example"] = "one";
  two.second->passwords["bob@a.example"] = "two";

  CHECK(two.house.ask(two.both->standing(jid("bob@a.example"))) == Standing::open);
  CHECK(two.house.ask(two.both->ban(jid("bob@a.example"), "spam")) == BanChange::done);
  CHECK(two.house.ask(two.both->standing(jid("bob@a.example"))) == Standing::banned);
  CHECK(two.house.ask(two.both->ban(jid("carol@a.example"), "spam")) == BanChange::no_such_account);
  const auto entry = two.house.ask(two.both->entry_of(jid("bob@a.example")));
  REQUIRE(entry.has_value());
  CHECK(entry->ban.has_value());

  // Nobody comes in while it cannot be known.
  two.first->broken = true;
  CHECK_THROWS(two.house.ask(two.both->standing(jid("bob@a.example"))));
}

TEST_CASE("accounts of several methods are listed in order, each once") {
  Two two;
  for (const char* const name : {"a@a.example", "c@a.example", "d@a.example"}) two.first->passwords[name] = "x";
  for (const char* const name : {"b@a.example", "c@a.example", "e@a.example"}) two.second->passwords[name] = "x";
  using Names = std::vector<std::string>;

  CHECK(two.house.ask(two.both->list("a.example", 0, 10)) == Names{"a", "b", "c", "d", "e"});
  CHECK(two.house.ask(two.both->list("a.example", 1, 3)) == Names{"b", "c", "d"});
  CHECK(two.house.ask(two.both->list("a.example", 9, 3)).empty());
  CHECK(two.house.ask(two.both->list_after("a.example", "b", 2)).size() == 2);
}

TEST_CASE("a listener may ask some of the methods only") {
  Two two;
  two.first->passwords["alice@a.example"] = "one";
  two.second->passwords["alice@a.example"] = "two";
  const std::vector allowed{AuthMethod::rdbms, AuthMethod::dummy};

  Accounts& some = two.both->only(allowed);

  CHECK(two.house.ask(some.check_password(jid("alice@a.example"), "two")) == PasswordCheck::right);
  CHECK(two.house.ask(some.check_password(jid("alice@a.example"), "one")) == PasswordCheck::wrong);
  CHECK(&two.both->only(allowed) == &some);
  const std::vector all{AuthMethod::internal, AuthMethod::rdbms};
  CHECK(&two.both->only(all) == two.both.get());
  const std::vector none{AuthMethod::ldap};
  CHECK_FALSE(two.both->only(none).checks_passwords());
}

TEST_CASE("everybody has keys when all methods that check passwords keep some") {
  const auto first = std::make_shared<MemoryAccounts>();
  const auto second = std::make_shared<MemoryAccounts>();
  const auto all = make_several_accounts(
      {{AuthMethod::internal, first}, {AuthMethod::ldap, second}, {AuthMethod::pki, make_pki_accounts()}});
  first->hashes = {ScramHash::sha256};
  CHECK(all->scram_hashes() == first->hashes);
  CHECK_FALSE(all->keeps_keys_of_all());
  second->hashes = {ScramHash::sha256};
  CHECK(all->keeps_keys_of_all());
  second->hashes.clear();
  const std::vector allowed{AuthMethod::internal, AuthMethod::pki};
  CHECK(all->only(allowed).keeps_keys_of_all());
}

TEST_CASE("only methods that can ban are asked whether somebody is banned") {
  Two two;
  two.first->passwords["bob@a.example"] = "one";
  two.second->can_be_banned = false;
  two.second->broken = true;
  CHECK_FALSE(two.house.ask(two.both->is_banned(jid("bob@a.example"))));
  two.first->bans["bob@a.example"] = "spam";
  CHECK(two.house.ask(two.both->is_banned(jid("bob@a.example"))));
  two.first->broken = true;
  CHECK_THROWS(two.house.ask(two.both->is_banned(jid("bob@a.example"))));
}
