// SPDX-License-Identifier: Apache-2.0
#include "accounts/http.h"

#include <doctest/doctest.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "store/pool/unavailable.h"
#include "store/sql/test_house.h"
#include "xmpp/scram_text.h"

using namespace meerkat;
using http::Method;
using http::Response;

namespace {

Jid jid(std::string_view text) { return Jid::parse(text).value(); }

// The service of an operator, which keeps what it is given.
class AccountService final : public http::Service {
 public:
  Task<Response> request(http::Request request) override {
    asked.push_back(request);
    if (fails_with != 0) co_return Response{.status = fails_with};
    const auto question = request.path.find('?');
    const std::string operation = request.path.substr(0, question);
    const std::string fields = request.method == Method::get ? request.path.substr(question + 1) : request.body;
    co_return answer(operation, field(fields, "user") + "@" + field(fields, "server"), field(fields, "pass"));
  }

  std::map<std::string, std::string> passwords;  // or keys, by address
  bool tells_passwords = true;
  int fails_with = 0;
  std::vector<http::Request> asked;

 private:
  Response answer(const std::string& operation, const std::string& user, const std::string& password) {
    const auto known = passwords.find(user);
    const bool is_known = known != passwords.end();
    if (operation == "user_exists") return {.status = 200, .body = is_known ? "true" : "false"};
    if (operation == "check_password")
      return {.status = 200, .body = is_known && known->second == password ? "true\n" : "false"};
    if (operation == "get_password" && is_known && tells_passwords) return {.status = 200, .body = known->second};
    if (operation == "register") {
      if (is_known) return {.status = 409};
      passwords[user] = password;
      return {.status = 201};
    }
    if (!is_known) return {.status = 404};
    if (operation == "set_password") known->second = password;
    if (operation == "remove_user") passwords.erase(known);
    return {.status = operation == "get_password" ? 404 : 204};
  }

  // Percent-decoded.
  static std::string field(const std::string& fields, const std::string& name) {
    const auto at = ("&" + fields).find("&" + name + "=");
    if (at == std::string::npos) return {};
    const std::string coded = fields.substr(at + name.size() + 1, fields.find('&', at) - at - name.size() - 1);
    std::string value;
    for (std::size_t i = 0; i < coded.size(); ++i) {
      if (coded[i] != '%') {
        value += coded[i];
        continue;
      }
      value += static_cast<char>(std::stoi(coded.substr(i + 1, 2), nullptr, 16));
      i += 2;
    }
    return value;
  }
};

struct Fixture {
  explicit Fixture(InternalAccountOptions::Format format, HttpAccountOptions options = {}) {
    InternalAccountOptions rules{.format = format, .scram_iterations = 64};
    accounts = make_http_accounts(service, hashing, std::make_shared<const InternalAccountRules>(rules), options);
  }
  PasswordCheck check(std::string_view user, std::string password) {
    return house.ask(accounts->check_password(jid(user), std::move(password)));
  }
  Registration add(std::string_view user, std::string password) {
    return house.ask(accounts->register_account(jid(user), std::move(password)));
  }
  std::optional<Credentials> find(std::string_view user) { return house.ask(accounts->find(jid(user))); }

  AccountService service;
  BlockingPool hashing{"hashing", 1};
  sql::TestHouse house{1};
  std::unique_ptr<Accounts> accounts;
};

using enum InternalAccountOptions::Format;

}  // namespace

TEST_CASE("an account service checks passwords as they are, when they are kept plain") {
  Fixture f{plain, {.basic_auth = "meerkat:secret"}};
  CHECK(f.add("alice@a.example", "p&ss=w rd") == Registration::done);
  CHECK(f.service.passwords["alice@a.example"] == "p&ss=w rd");
  CHECK(f.add("alice@a.example", "other") == Registration::exists);
  CHECK(f.check("alice@a.example/phone", "p&ss=w rd") == PasswordCheck::right);
  CHECK(f.check("alice@a.example", "other") == PasswordCheck::wrong);
  CHECK(f.check("bob@a.example", "other") == PasswordCheck::no_such_account);
  CHECK(f.house.ask(f.accounts->exists(jid("alice@a.example"))));
  CHECK_FALSE(f.house.ask(f.accounts->exists(jid("bob@a.example"))));
  CHECK(f.service.asked.front().method == Method::post);
  CHECK(f.service.asked.front().headers.front().value == "Basic bWVlcmthdDpzZWNyZXQ=");
}

TEST_CASE("an account service is given keys to keep, and no password, when the format is scram") {
  Fixture f{scram};
  CHECK(f.add("alice@a.example", "secret") == Registration::done);
  CHECK(f.service.passwords["alice@a.example"].starts_with("==MULTI_SCRAM==,64,"));
  CHECK(f.check("alice@a.example", "secret") == PasswordCheck::right);
  CHECK(f.check("alice@a.example", "Secret") == PasswordCheck::wrong);
  const auto found = f.find("alice@a.example");
  REQUIRE(found);
  CHECK(found->scram.size() == all_scram_hashes.size());
  CHECK(password_matches(found->scram.back(), "secret"));
  CHECK_FALSE(f.find("bob@a.example"));
  for (const http::Request& request : f.service.asked) {
    CHECK_FALSE(request.path.contains("ecret"));
    CHECK_FALSE(request.body.contains("ecret"));
  }
}

TEST_CASE("keys are made of the passwords that an account service gives out, always with the same salt") {
  Fixture f{scram};
  f.service.passwords["alice@a.example"] = "secret\n";
  CHECK(f.check("alice@a.example", "secret") == PasswordCheck::right);
  CHECK(f.check("alice@a.example", "other") == PasswordCheck::wrong);
  const auto first = f.find("alice@a.example");
  const auto second = f.find("alice@a.example");
  REQUIRE((first && second));
  CHECK(password_matches(first->scram.front(), "secret"));
  CHECK(first->scram == second->scram);
  CHECK_FALSE(f.find("bob@a.example"));
}

TEST_CASE("an account service that gives out no passwords is asked to check them") {
  Fixture f{scram};
  f.service.passwords["alice@a.example"] = "secret";
  f.service.tells_passwords = false;
  CHECK(f.check("alice@a.example", "secret") == PasswordCheck::right);
  CHECK(f.check("alice@a.example", "other") == PasswordCheck::wrong);
  CHECK(f.check("bob@a.example", "other") == PasswordCheck::no_such_account);
  CHECK_FALSE(f.find("alice@a.example"));
}

TEST_CASE("passwords are changed and accounts removed at the account service") {
  Fixture f{plain};
  f.add("alice@a.example", "secret");
  CHECK(f.house.ask(f.accounts->change_password(jid("alice@a.example"), "new")) == PasswordChange::done);
  CHECK(f.check("alice@a.example", "new") == PasswordCheck::right);
  CHECK(f.house.ask(f.accounts->change_password(jid("bob@a.example"), "new")) == PasswordChange::no_such_account);
  CHECK(f.house.ask(f.accounts->change_password(jid("alice@a.example"), "")) == PasswordChange::bad_password);
  CHECK(f.add("bob@a.example", "") == Registration::bad_password);
  CHECK(f.house.ask(f.accounts->remove(jid("alice@a.example"))));
  CHECK_FALSE(f.house.ask(f.accounts->remove(jid("alice@a.example"))));
}

TEST_CASE("an account service that fails is no reason to say that a password is wrong") {
  Fixture f{plain};
  f.service.fails_with = 503;
  CHECK_THROWS_AS(f.check("alice@a.example", "secret"), Unavailable);
  CHECK_THROWS_AS(f.house.ask(f.accounts->exists(jid("alice@a.example"))), Unavailable);
  f.service.fails_with = 403;
  CHECK(f.check("alice@a.example", "secret") == PasswordCheck::no_such_account);
  CHECK(f.add("alice@a.example", "secret") == Registration::not_allowed);
}

TEST_CASE("who does not exist is asked for as a wrong password is at a service that gives keys or passwords out") {
  for (const bool gives_keys : {true, false}) {
    Fixture f{scram};
    if (gives_keys)
      f.add("alice@a.example", "secret");
    else
      f.service.passwords["alice@a.example"] = "secret";
    CHECK(f.check("alice@a.example", "wrong") == PasswordCheck::wrong);
    f.service.asked.clear();
    CHECK(f.check("alice@a.example", "wrong") == PasswordCheck::wrong);
    const std::size_t requests = f.service.asked.size();
    CHECK(f.check("bob@a.example", "wrong") == PasswordCheck::no_such_account);
    CHECK(f.service.asked.size() == 2 * requests);
  }
}

TEST_CASE("SCRAM is offered where an account service is given keys to keep") {
  CHECK(Fixture{scram}.accounts->scram_hashes().size() == all_scram_hashes.size());
  CHECK(Fixture{plain}.accounts->scram_hashes().empty());
}
