// SPDX-License-Identifier: Apache-2.0
#include "accounts/ldap.h"

#include <doctest/doctest.h>

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/test_file_log.h"
#include "config/toml_reader.h"
#include "runtime/workers.h"
#include "store/pool/unavailable.h"
#include "store/sql/test_house.h"

using namespace meerkat;

namespace {

Jid jid(std::string_view text) { return Jid::parse(text).value(); }

// Answers each filter with the entries that the test gives for it, and remembers what was asked.
class TestDirectory final : public ldap::Directory {
 public:
  Task<ldap::Found> search(ldap::Search search) override {
    asked.push_back(search);
    if (refuses) throw ldap::Refused{50, "no right to look"};
    co_return ldap::Found{answers[search.filter], true};
  }
  Task<bool> bind(std::string dn, std::string password) override {
    logins.emplace_back(dn, password);
    if (answers_after.count() > 0 && passwords.contains(dn)) co_await sleep_for(answers_after);
    co_return passwords.contains(dn) && passwords[dn] == password;
  }

  std::map<std::string, std::vector<ldap::Entry>> answers;
  std::map<std::string, std::string> passwords;
  bool refuses = false;
  std::chrono::milliseconds answers_after{0};  // to those whose password it knows
  std::vector<ldap::Search> asked;
  std::vector<std::pair<std::string, std::string>> logins;
};

ldap::Entry person(const std::string& name, const std::string& attribute = "uid") {
  return {.dn = "uid=" + name, .attributes = {{attribute, {name}}}};
}

struct Ldap {
  explicit Ldap(LdapAccountOptions options = {}) {
    if (options.people.base.empty()) options.people.base = "dc=example,dc=org";
    accounts = make_ldap_accounts(people, passwords, std::move(options));
  }
  PasswordCheck check(std::string_view user, std::string password) {
    return house.ask(accounts->check_password(jid(user), std::move(password)));
  }
  bool exists(std::string_view user) { return house.ask(accounts->exists(jid(user))); }

  TestDirectory people, passwords;
  std::unique_ptr<Accounts> accounts;
  sql::TestHouse house{1};
};

LdapAccountOptions with(auto change) {
  LdapAccountOptions options;
  change(options);
  return options;
}

}  // namespace

TEST_CASE("a password is right when its owner can log in to the directory with it") {
  Ldap ldap;
  ldap.people.answers["(uid=alice)"] = {person("alice")};
  ldap.passwords.passwords["uid=alice"] = "secret";

  CHECK(ldap.check("alice@example.org", "secret") == PasswordCheck::right);
  CHECK(ldap.check("alice@example.org", "wrong") == PasswordCheck::wrong);
  CHECK(ldap.check("bob@example.org", "secret") == PasswordCheck::no_such_account);
  CHECK(ldap.people.logins.empty());
  // Who is not there is tried as well, at an entry that is not there: the time must not tell.
  REQUIRE(ldap.passwords.logins.size() == 3);
  CHECK(ldap.passwords.logins.back().first.ends_with(",dc=example,dc=org"));
  CHECK(ldap.people.asked[0].base == "dc=example,dc=org");
  CHECK(ldap.people.asked[0].attributes == std::vector<std::string>{"uid"});
}

TEST_CASE("an empty password is never tried: a directory calls it a success (RFC 4513 §5.1.2)") {
  Ldap ldap;
  ldap.people.answers["(uid=alice)"] = {person("alice")};
  ldap.passwords.passwords["uid=alice"] = "";
  CHECK(ldap.check("alice@example.org", "") == PasswordCheck::wrong);
  // SASLprep maps it to nothing.
  CHECK(ldap.check("alice@example.org", "\xC2\xAD") == PasswordCheck::wrong);
  CHECK(ldap.passwords.logins.empty());
}

TEST_CASE("who is not in the directory is refused as late as who is, even if the directory is faster") {
  Ldap ldap;
  ldap.people.answers["(uid=alice)"] = {person("alice")};
  ldap.passwords.passwords["uid=alice"] = "secret";
  ldap.passwords.answers_after = std::chrono::milliseconds{200};
  CHECK(ldap.check("alice@example.org", "wrong") == PasswordCheck::wrong);
  const auto began = std::chrono::steady_clock::now();
  CHECK(ldap.check("bob@example.org", "wrong") == PasswordCheck::no_such_account);
  CHECK(std::chrono::steady_clock::now() - began >= std::chrono::milliseconds{199});
}

TEST_CASE("what the directory refuses is told once, and whoever asks may come again") {
  const FileLog log;
  Ldap ldap;
  ldap.people.refuses = true;
  for (int i = 0; i < 3; ++i) CHECK_THROWS_AS(ldap.check("alice@example.org", "secret"), Unavailable);
  ldap.people.refuses = false;
  CHECK_FALSE(ldap.exists("alice@example.org"));
  CHECK(log.count("ldap_refused") == 1);
  CHECK(log.count("ldap_answers_again") == 1);
}

TEST_CASE("names cannot change the filter, and several attributes may name a user") {
  Ldap ldap{with([](LdapAccountOptions& options) {
    options.people.uids = {{"uid", "%u"}, {"mail", "%u@%d"}};
    options.people.filter = "(objectClass=person)";
  })};
  ldap.exists("a*)(uid=\\b@example.org");
  CHECK(ldap.people.asked.at(0).filter ==
        "(&(|(uid=a\\2a\\29\\28uid=\\5cb)(mail=a\\2a\\29\\28uid=\\5cb@example.org))(objectClass=person))");
}

TEST_CASE("a second search and values of the entry may keep somebody out") {
  Ldap ldap{with([](LdapAccountOptions& options) {
    options.dn_filter = LdapDnFilter{"(&(member=%D)(o=%d)(x=%s)(y=%s)(z=%u))", {"sn", "l"}};
    options.local_filter = LdapLocalFilter{LdapLocalFilter::Operation::notequal, "status", {"closed"}};
  })};
  ldap::Entry alice = person("alice");
  alice.attributes.push_back({"sn", {"A*"}});
  alice.attributes.push_back({"l", {"Oxford"}});
  ldap.people.answers["(uid=alice)"] = {alice};
  CHECK_FALSE(ldap.exists("alice@example.org"));
  const std::string second = "(&(member=uid=alice)(o=example.org)(x=A\\2a)(y=Oxford)(z=alice))";
  CHECK(ldap.people.asked.back().filter == second);
  CHECK(ldap.people.asked.front().attributes == std::vector<std::string>{"uid", "sn", "l", "status"});

  ldap.people.answers[second] = {person("group")};
  CHECK(ldap.exists("alice@example.org"));
  alice.attributes.push_back({"status", {"closed"}});
  ldap.people.answers["(uid=alice)"] = {alice};
  CHECK_FALSE(ldap.exists("alice@example.org"));
}

TEST_CASE("who is there is listed by name, without those whose names are none of this domain") {
  Ldap ldap{with([](LdapAccountOptions& options) { options.people.uids = {{"mail", "%u@%d"}}; })};
  for (const char* const mail : {"carol@example.org", "Alice@Example.org", "bob@example.org", "dave@elsewhere.org",
                                 "no body@example.org", "@example.org"})
    ldap.people.answers["(mail=*@example.org)"].push_back(person(mail, "mail"));

  CHECK(ldap.house.ask(ldap.accounts->count("example.org")) == 3);
  CHECK(ldap.house.ask(ldap.accounts->list("example.org", 1, 5)) == std::vector<std::string>{"bob", "carol"});
  const auto after = ldap.house.ask(ldap.accounts->list_after("example.org", "alice", 1));
  REQUIRE(after.size() == 1);
  CHECK(after[0].name == "bob");
  CHECK(ldap.people.asked.at(0).page_size > 0);
  // Further pages are those of the list that was begun; a list that begins anew is read anew.
  CHECK(ldap.people.asked.size() == 1);
  CHECK(ldap.house.ask(ldap.accounts->list_after("example.org", "", 1)).size() == 1);
  CHECK(ldap.people.asked.size() == 2);
  CHECK(ldap.house.ask(ldap.accounts->list("example.org", 0, 5)).size() == 3);
  CHECK(ldap.people.asked.size() == 3);
  CHECK(ldap.house.ask(ldap.accounts->list("other.example", 1, 5)).empty());
  CHECK(ldap.people.asked.size() == 4);
}

TEST_CASE("nothing is changed in the directory") {
  Ldap ldap;
  CHECK(ldap.house.ask(ldap.accounts->register_account(jid("a@example.org"), "x")) == Registration::not_allowed);
  CHECK(ldap.house.ask(ldap.accounts->change_password(jid("a@example.org"), "x")) == PasswordChange::not_allowed);
  CHECK_FALSE(ldap.house.ask(ldap.accounts->remove(jid("a@example.org"))));
  CHECK_FALSE(ldap.accounts->can_register());
  CHECK(ldap.accounts->checks_passwords());
  CHECK(ldap.accounts->scram_hashes().empty());
}

TEST_CASE("the options of auth.ldap are MongooseIM's") {
  const auto read = [](std::string_view text, config::Problems& problems) {
    const auto node = config::read_toml(text, "x.toml", problems);
    return ldap_accounts_section().read(&*node, problems);
  };
  config::Problems good;
  const LdapAccountOptions options = read(R"~(
pool_tag = "users"
bind_pool_tag = "logins"
base = "ou=Users,dc=example,dc=com"
uids = [{attr = "mail", format = "%u@mail.example.org"}, {attr = "uid"}]
filter = "(&(objectClass=shadowAccount)(memberOf=Jabber Users))"
dn_filter.filter = "(&(name=%s)(owner=%D))"
dn_filter.attributes = ["sn"]
local_filter = {operation = "equal", attribute = "accountStatus", values = ["enabled"]}
deref = "finding"
)~",
                                          good);
  CHECK_MESSAGE(!good.any_errors(), good.report());
  CHECK(options.people.uids.size() == 2);
  CHECK(options.people.uids[1].format == "%u");
  CHECK(options.people.deref == ldap::Deref::finding);
  CHECK(options.bind_pool_tag == "logins");

  for (const char* const bad :
       {"", "base = \"x\"\nfilter = \"uid=x\"", "base = \"x\"\nuids = []", "base = \"x\"\nuids = [{attr = \"a)(b\"}]",
        "base = \"x\"\nuids = [{format = \"x\"}]", "base = \"x\"\ndn_filter.attributes = [\"x\"]"}) {
    config::Problems problems;
    read(bad, problems);
    CHECK_MESSAGE(problems.any_errors(), bad);
  }
}
