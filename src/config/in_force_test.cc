// SPDX-License-Identifier: Apache-2.0
// What an operator is told of the options that hold.
#include "config/in_force.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "config/section.h"
#include "config/toml_reader.h"

using namespace meerkat::config;

namespace {

struct Door {
  std::uint16_t port = 0;
  std::string ip_address = "0.0.0.0";
  std::string key;
};
struct Doors {
  std::vector<Door> c2s;
};
struct General {
  std::string loglevel = "warning";
  std::uint32_t worker_threads = 0;
  std::optional<std::string> nickname;
};
struct HostConfig {
  std::string host;
  std::optional<Node> modules;
};
struct Everything {
  General general;
  Doors listen;
  std::map<std::string, Door> pools;
  std::vector<HostConfig> host_config;
  std::optional<Node> modules;
};

std::vector<OptionDescription> described() {
  using S = Everything;
  const auto door = Section<Door>{"listen.c2s", "A door."}
                        .option("port", &Door::port, "Its port.", was_called("number"))
                        .option("ip_address", &Door::ip_address, "Its address.")
                        .option("key", &Door::key, "Opens it.", secret);
  const auto general = Section<General>{"general", "All."}
                           .option("loglevel", &General::loglevel, "How much is said.")
                           .option("worker_threads", &General::worker_threads, "How many work.")
                           .option("nickname", &General::nickname, "How it is called.");
  const auto host = Section<HostConfig>{"host_config", "One."}
                        .option("host", &HostConfig::host, "Which.")
                        .option("modules", &HostConfig::modules, "Its features.");
  auto all = Section<S>{"", "Everything."}
                 .section("general", &S::general, general)
                 .section("listen", &S::listen, Section<Doors>{"listen", "Doors."}.list("c2s", &Doors::c2s, door))
                 .map("pools", &S::pools, door)
                 .list("host_config", &S::host_config, host)
                 .option("modules", &S::modules, "Features.")
                 .describe();
  struct Ping {
    std::string word = "none";
    bool loud = false;
  };
  for (const auto& option : Section<Ping>{"modules.mod_ping", "Pings."}
                                .option("word", &Ping::word, "The word.", secret)
                                .option("loud", &Ping::loud, "Noise.")
                                .describe())
    all.push_back(option);
  return all;
}

std::vector<OptionInForce> in_force(std::string_view toml) {
  Problems problems;
  const auto root = read_toml(toml, "test.toml", problems);
  REQUIRE(root);
  return options_in_force(*root, described());
}

// "value @line", "value (default)"; empty when it is not told.
std::string of(const std::vector<OptionInForce>& all, std::string_view path) {
  const auto found = std::ranges::find(all, path, &OptionInForce::path);
  if (found == all.end()) return {};
  return found->value + (found->is_default() ? " (default)" : " @" + std::to_string(found->place.line));
}

}  // namespace

TEST_CASE("an option is told with its line in the file, or as a default") {
  const auto all = in_force("[general]\nloglevel = \"error\"\n");

  CHECK(of(all, "general.loglevel") == "\"error\" @2");
  CHECK(of(all, "general.worker_threads") == "0 (default)");
  CHECK(of(all, "general.nickname").empty());
}

TEST_CASE("a table that is not in the file has its defaults") {
  CHECK(of(in_force(""), "general.loglevel") == "\"warning\" (default)");
}

TEST_CASE("each table of a list, and each under a free name, is told with what it leaves out") {
  const auto all = in_force("[[listen.c2s]]\nport = 1\n[[listen.c2s]]\nnumber = 2\n[pools.near]\nport = 3\n");

  CHECK(of(all, "listen.c2s[0].port") == "1 @2");
  CHECK(of(all, "listen.c2s[1].number") == "2 @4");
  CHECK(of(all, "listen.c2s[1].port").empty());
  CHECK(of(all, "listen.c2s[1].ip_address") == "\"0.0.0.0\" (default)");
  CHECK(of(all, "pools.near.port") == "3 @6");
  CHECK(of(all, "pools.near.ip_address") == "\"0.0.0.0\" (default)");
}

TEST_CASE("secrets are not shown, wherever they stand") {
  const auto all = in_force(
      "[[listen.c2s]]\nkey = \"hunter2\"\n[pools.near]\nkey = \"hunter2\"\n[modules.mod_ping]\nword = \"hunter2\"\n"
      "[[host_config]]\nhost = \"a\"\n[host_config.modules.mod_ping]\nword = \"hunter2\"\n");

  CHECK(of(all, "listen.c2s[0].key") == "\"***\" @2");
  CHECK(of(all, "host_config[0].modules.mod_ping.word") == "\"***\" @10");
  for (const OptionInForce& option : all) CHECK(option.value.find("hunter2") == std::string::npos);
}

TEST_CASE("texts that nobody has described are not shown, since some of them are secrets") {
  const auto all = in_force(
      "[[listen.component]]\nport = 8888\npassword = \"hunter2\"\n[modules.mod_upload.s3]\nkey = \"hunter2\"\n"
      "words = [\"hunter2\"]\ndeep = [{ key = \"hunter2\" }]\n");

  CHECK(of(all, "listen.component[0].port") == "8888 @2");
  CHECK(of(all, "modules.mod_upload.s3.key") == "\"***\" @5");
  for (const OptionInForce& option : all) CHECK(option.value.find("hunter2") == std::string::npos);
}

TEST_CASE("who logs in by a URL is not shown either") {
  CHECK(of(in_force("[general]\nnickname = \"https://me:hunter2@localhost/way?a=b@c\"\n"), "general.nickname") ==
        "\"https://***@localhost/way?a=b@c\" @2");
  CHECK(of(in_force("[general]\nnickname = \"https://localhost/a@b\"\n"), "general.nickname") ==
        "\"https://localhost/a@b\" @2");
}

TEST_CASE("modules are told when they run, with the defaults of their options") {
  const auto all = in_force("[modules.mod_ping]\n");

  CHECK(of(all, "modules.mod_ping") == "{} @1");
  CHECK(of(all, "modules.mod_ping.loud") == "false (default)");
  CHECK(of(in_force(""), "modules.mod_ping.loud").empty());
}

TEST_CASE("what a host type has for itself is told under its own path") {
  const auto all = in_force(
      "[modules.mod_ping]\nloud = true\n[[host_config]]\nhost = \"a\"\n[host_config.modules.mod_ping]\nloud = "
      "false\n");

  CHECK(of(all, "modules.mod_ping.loud") == "true @2");
  CHECK(of(all, "host_config[0].modules.mod_ping.loud") == "false @6");
}
