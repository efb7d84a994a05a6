// SPDX-License-Identifier: Apache-2.0
// Against OpenLDAP's own server.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "accounts/ldap.h"
#include "store/ldap/client.h"
#include "store/sql/test_house.h"
#include "store/test_service.h"

using namespace meerkat;

namespace {

Jid jid(std::string_view text) { return Jid::parse(text).value(); }

ldap::LdapPoolOptions pool_at(std::uint16_t port) {
  ldap::LdapPoolOptions options;
  options.pool.workers = 1;
  options.connection.port = port;
  options.connection.root_dn = "cn=admin,dc=example,dc=org";
  options.connection.password = "secret of admin";
  options.connection.connect_interval = std::chrono::milliseconds{100};
  return options;
}

LdapAccountOptions below(const std::string& base) {
  LdapAccountOptions options;
  options.people.base = base;
  return options;
}

}  // namespace

TEST_CASE("accounts in a real directory: logins, names that are none, lists") {
  LiveService slapd{"slapd"};
  if (!slapd.is_there()) return;
  sql::TestHouse house{1};
  ldap::Client people{"ldap.default", pool_at(slapd.port())}, passwords{"ldap.bind", pool_at(slapd.port())};
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds{20};
  REQUIRE(people.pool().wait_until_connected(until));
  REQUIRE(passwords.pool().wait_until_connected(until));
  LdapAccountOptions options = below("dc=example,dc=org");
  options.people.filter = "(objectClass=inetOrgPerson)";
  const auto accounts = make_ldap_accounts(people, passwords, options);
  const auto check = [&](std::string_view user, std::string password) {
    return house.ask(accounts->check_password(jid(user), std::move(password)));
  };

  CHECK(check("alice@example.org", "secret of alice") == PasswordCheck::right);
  CHECK(check("alice@example.org", "secret of bob") == PasswordCheck::wrong);
  CHECK(check("alice@example.org", "") == PasswordCheck::wrong);
  CHECK(check("nobody@example.org", "secret of alice") == PasswordCheck::no_such_account);
  CHECK(check("*@example.org", "secret of alice") == PasswordCheck::no_such_account);
  CHECK(check("a*)(uid=alice@example.org", "secret of alice") == PasswordCheck::no_such_account);
  CHECK(house.ask(accounts->exists(jid("bob@example.org"))));
  CHECK(house.ask(accounts->count("example.org")) == 3);
  CHECK(house.ask(accounts->list("example.org", 0, 10)) == std::vector<std::string>{"alice", "bob", "carol"});

  LdapAccountOptions by_mail = below("dc=example,dc=org");
  by_mail.people.uids = {{"mail", "%u@%d"}};
  by_mail.dn_filter = LdapDnFilter{"(&(sn=%s)(uid=%u)(entryDN=%D))", {"sn"}};
  by_mail.local_filter = LdapLocalFilter{LdapLocalFilter::Operation::notequal, "givenName", {"Bob"}};
  const auto others = make_ldap_accounts(people, passwords, by_mail);
  CHECK(house.ask(others->list("example.org", 0, 10)) == std::vector<std::string>{"alice", "carol"});
  CHECK(house.ask(others->count("elsewhere.example")) == 0);
}

TEST_CASE("accounts in a directory that is not there: whoever asks is told that it is unavailable") {
  LiveService slapd{"slapd"};
  if (!slapd.is_there()) return;
  sql::TestHouse house{1};
  ldap::Client people{"ldap.default", pool_at(slapd.port())};
  REQUIRE(people.pool().wait_until_connected(std::chrono::steady_clock::now() + std::chrono::seconds{20}));
  const auto accounts = make_ldap_accounts(people, people, below("dc=example,dc=org"));
  CHECK(house.ask(accounts->check_password(jid("alice@example.org"), "secret of alice")) == PasswordCheck::right);
  slapd.tell("kill");
  CHECK_THROWS_AS(house.ask(accounts->check_password(jid("alice@example.org"), "secret of alice")), Unavailable);
  CHECK_THROWS_AS(house.ask(accounts->exists(jid("alice@example.org"))), Unavailable);
}
