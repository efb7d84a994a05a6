// SPDX-License-Identifier: Apache-2.0
// What is different between two files, and what that means for a running server.
#include "config/comparison.h"

#include <doctest/doctest.h>

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
};
struct Everything {
  General general;
  Doors listen;
  std::map<std::string, std::vector<General>> classes;
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
                           .option("worker_threads", &General::worker_threads, "How many work.", needs_restart);
  auto all = Section<S>{"", "Everything."}
                 .section("general", &S::general, general)
                 .section("listen", &S::listen, Section<Doors>{"listen", "Doors."}.list("c2s", &Doors::c2s, door))
                 .map("classes", &S::classes, general)
                 .option("modules", &S::modules, "Features.")
                 .describe();
  struct Secretive {
    std::string word = "none";
  };
  for (const auto& option : Section<Secretive>{"modules.mod_secretive", "Keeps a word."}
                                .option("word", &Secretive::word, "The word.", secret)
                                .describe())
    all.push_back(option);
  return all;
}

Node file(std::string_view toml) {
  Problems problems;
  auto root = read_toml(toml, "test.toml", problems);
  REQUIRE(root);
  return std::move(*root);
}

std::vector<std::string> lines(std::string_view before, std::string_view after) {
  std::vector<std::string> all;
  for (const Change& change : compare(file(before), file(after), described())) all.push_back(line_of(change));
  return all;
}

using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("a changed value is told with what it was, what it becomes, and where") {
  const auto changes =
      compare(file("[general]\nloglevel = \"warning\""), file("\n[general]\n  loglevel = \"debug\""), described());

  REQUIRE(changes.size() == 1);
  CHECK(line_of(changes[0]) == "~ general.loglevel = \"warning\" → \"debug\"");
  CHECK(changes[0].place == Place{3, 3});
  CHECK_FALSE(changes[0].needs_restart);
}

TEST_CASE("an option that takes effect at a start only is marked, also when its whole table is new") {
  CHECK(lines("[general]\nworker_threads = 2", "[general]\nworker_threads = 4") ==
        Lines{"~ general.worker_threads = 2 → 4  (needs a restart)"});
  CHECK(lines("", "[general]\nworker_threads = 4") == Lines{"+ general.worker_threads = 4  (needs a restart)"});
}

TEST_CASE("order, blanks, and defaults that are written down change nothing") {
  CHECK(lines("[general]\nloglevel = \"debug\"\n[modules.mod_a]\n[modules.mod_b]\nx = 1",
              "[modules.mod_b]\nx   =  1\n[modules.mod_a]\n[general]\nworker_threads = 0\nloglevel = \"debug\"") ==
        Lines{});
}

TEST_CASE("modules that come and go are told as tables") {
  CHECK(lines("[modules.mod_a]\nx = 1", "[modules.mod_b]\ny = [1, \"two\"]") ==
        Lines{"+ [modules.mod_b] {y = [1, \"***\"]}", "- [modules.mod_a] {x = 1}"});
  CHECK(lines("[modules.mod_a]", "[modules.mod_a]\n[modules.mod_secretive]") == Lines{"+ [modules.mod_secretive] {}"});
}

TEST_CASE("secrets are never shown, neither alone nor inside a table that is new") {
  CHECK(lines("[modules.mod_secretive]\nword = \"swordfish\"", "[modules.mod_secretive]\nword = \"melon\"") ==
        Lines{"~ modules.mod_secretive.word = \"***\" → \"***\""});
  CHECK(lines("", "[[listen.c2s]]\nport = 1\nkey = \"swordfish\"") ==
        Lines{"+ [listen.c2s[0]] {key = \"***\", port = 1}"});
  CHECK(lines("[[host_config]]\nhost = \"x\"",
              "[[host_config]]\nhost = \"x\"\n[host_config.modules.mod_secretive]\nword = \"melon\"") ==
        Lines{"+ [host_config[0].modules] {mod_secretive = {word = \"***\"}}"});
}

TEST_CASE("listeners are told apart by address and port, not by their order") {
  CHECK(lines("[[listen.c2s]]\nport = 1\n[[listen.c2s]]\nport = 2\nkey = \"a\"",
              "[[listen.c2s]]\nport = 2\nkey = \"b\"\n[[listen.c2s]]\nport = 3\nip_address = \"::1\"") ==
        Lines{"~ listen.c2s[0].key = \"***\" → \"***\"", "+ [listen.c2s[1]] {ip_address = \"::1\", port = 3}",
              "- [listen.c2s[0]] {port = 1}"});
}

TEST_CASE("an option under its older name is the same option") {
  CHECK(lines("[[listen.c2s]]\nip_address = \"::1\"\nnumber = 7", "[[listen.c2s]]\nip_address = \"::1\"\nnumber = 7") ==
        Lines{});
}

TEST_CASE("in lists whose order counts, the whole list is what changes") {
  CHECK(lines("[[classes.a]]\nloglevel = \"x\"", "[[classes.a]]\nloglevel = \"y\"") ==
        Lines{"~ classes.a = [{loglevel = \"x\"}] → [{loglevel = \"y\"}]"});
}

TEST_CASE("long values are cut off") {
  const auto changes =
      compare(file("[general]"), file("[general]\nloglevel = \"" + std::string(500, 'x') + "\""), described());

  REQUIRE(changes.size() == 1);
  CHECK(changes[0].after.size() < 200);
}
