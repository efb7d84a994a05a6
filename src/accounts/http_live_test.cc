// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "accounts/http.h"
#include "store/http/test_web.h"

using namespace meerkat;

TEST_CASE("accounts of a real web service log in, and nobody does while it is away") {
  LiveService web{"web"};
  if (!web.is_there()) return;
  web.tell(R"(call answers {"/auth/check_password": {"body": "true"}, "/auth/user_exists": {"body": "false"},)"
           R"( "/auth/register": {"status": 201}})");
  http::HttpPoolOptions options = http::plain_options(web);
  options.connection.path_prefix = "/auth/";
  http::Client client{"http.auth", options};
  REQUIRE(http::is_up_soon(client));
  BlockingPool hashing{"hashing", 1};
  const InternalAccountOptions rules{.format = InternalAccountOptions::Format::plain};
  const auto accounts = make_http_accounts(client, hashing, std::make_shared<const InternalAccountRules>(rules),
                                           {.basic_auth = "meerkat:secret"});
  const Jid alice = Jid::parse("alice@example.org").value();
  sql::TestHouse house;

  CHECK(house.ask(accounts->check_password(alice, "se cret")) == PasswordCheck::right);
  CHECK_FALSE(house.ask(accounts->exists(alice)));
  CHECK(house.ask(accounts->register_account(alice, "se&cret")) == Registration::done);
  const std::string asked = web.tell("call requests");
  CHECK(asked.contains(R"("/auth/check_password?user=alice&server=example.org&pass=se%20cret")"));
  CHECK(asked.contains(R"("body": "user=alice&server=example.org&pass=se%26cret")"));
  CHECK(asked.contains("Basic bWVlcmthdDpzZWNyZXQ="));

  web.tell("kill");
  CHECK_THROWS_AS(house.ask(accounts->check_password(alice, "secret")), Unavailable);
}
