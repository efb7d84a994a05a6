// SPDX-License-Identifier: Apache-2.0
// What an operator is shown of a configuration never has a secret in it.
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "config/in_force.h"
#include "config/toml_reader.h"
#include "server/configuration.h"

using namespace meerkat;

namespace {

// Names that sound like a secret, and are none.
constexpr std::array no_secrets{"password_regex", "password_hash", "new_password", "password_strength", "key_file"};

bool sounds_secret(std::string_view key) {
  for (const std::string_view word : {"password", "secret", "token", "passwd", "credential", "api_key", "basic_auth"})
    if (key.find(word) != std::string_view::npos) return true;
  return key == "key" || key == "pass";
}

}  // namespace

TEST_CASE("every option that sounds like a secret is one") {
  for (const config::OptionDescription& option : configuration_description()) {
    const bool is_text = option.kind == config::Option::Kind::value && option.type == "text";
    if (!is_text || !sounds_secret(option.key) || std::ranges::find(no_secrets, option.key) != no_secrets.end())
      continue;
    CHECK_MESSAGE(option.secret, option.path);
  }
}

TEST_CASE("secrets that tables hold under free names are not shown") {
  config::Problems problems;
  const auto tree = config::read_toml(R"(
[general]
  hosts = ["localhost"]
  default_server_domain = "localhost"
[[listen.c2s]]
  port = 5222
  [listen.c2s.tls]
    password = "hunter2"
[outgoing_pools.rdbms.default.connection]
  driver = "pgsql"
  host = "localhost"
  database = "x"
  username = "x"
  password = "hunter2"
[auth.jwt]
  secret.value = "hunter2"
  algorithm = "HS256"
  username_key = "sub"
[[host_config]]
  host = "localhost"
  [host_config.auth.jwt]
    secret.value = "hunter2"
    algorithm = "HS256"
    username_key = "sub"
)",
                                      "test.toml", problems);
  REQUIRE(tree);

  for (const config::OptionInForce& option : config::options_in_force(*tree, configuration_description()))
    CHECK_MESSAGE(option.value.find("hunter2") == std::string::npos, option.path);
}
