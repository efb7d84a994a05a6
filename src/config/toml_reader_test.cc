// SPDX-License-Identifier: Apache-2.0
#include "config/toml_reader.h"
#include "base/test_directory.h"

#include <filesystem>
#include <string>

#include <doctest/doctest.h>

using namespace meerkat::config;

namespace {

std::string report(std::string_view toml) {
  Problems problems;
  CHECK(!read_toml(toml, "server.toml", problems));
  return problems.report();
}

std::string report_on_file(const std::filesystem::path& path) {
  Problems problems;
  CHECK(!read_toml_file(path, problems));
  REQUIRE(problems.all().size() == 1);
  return problems.all().front().message;
}

}  // namespace

TEST_CASE("nodes remember where they were written") {
  Problems problems;
  const auto root = read_toml("[a]\nb = 1\n  c = [true,\n 2]\n", "server.toml", problems);
  REQUIRE(root);

  CHECK(root->entry("a")->place == Place{1, 2});
  CHECK(root->at("a.b")->place() == Place{2, 5});
  CHECK(root->find("a")->entry("c")->place == Place{3, 3});
  CHECK((*root->at("a.c")->array())[1].place() == Place{4, 2});
  CHECK(root->at("a.x") == nullptr);
  CHECK(root->at("a.b.c") == nullptr);
}

TEST_CASE("tables keep the order of the file") {
  Problems problems;
  const auto root = read_toml("z = 1\nb = 2\na = 3\n", "server.toml", problems);
  REQUIRE(root);
  std::string keys;
  for (const NodeEntry& entry : *root->table()) keys += entry.key;
  CHECK(keys == "zba");
}

TEST_CASE("every kind of value is told apart") {
  Problems problems;
  const auto root =
      read_toml("t = {}\na = []\ns = \"x\"\ni = 1\nf = 1.5\nb = true\nd = 1979-05-27T07:32:00Z\n", "f", problems);
  REQUIRE(root);
  CHECK(root->find("t")->kind() == Node::Kind::table);
  CHECK(root->find("a")->kind() == Node::Kind::array);
  CHECK(root->find("s")->kind() == Node::Kind::string);
  CHECK(root->find("i")->kind() == Node::Kind::integer);
  CHECK(root->find("f")->kind() == Node::Kind::floating);
  CHECK(root->find("b")->kind() == Node::Kind::boolean);
  REQUIRE(root->find("d")->date() != nullptr);
  CHECK(root->find("d")->date()->text == "1979-05-27T07:32:00Z");
}

TEST_CASE("a syntax error has its line and column") {
  CHECK(report("[general]\nloglevel = warning\n") ==
        "server.toml:2:12: not valid TOML: Error while parsing value: could not determine value type — text "
        "stands between quotation marks\n"
        "1 problem; nothing was started.\n");
  CHECK(report("a = 1\na = 2\n").starts_with("server.toml:2:5: not valid TOML: "));
  CHECK(report("a = \"open\n").starts_with("server.toml:1:"));
  CHECK(report("a = \"\xff\"\n").starts_with("server.toml:1:"));
}

TEST_CASE("keys of very many names are refused before they become deep tables") {
  std::string key = "a";
  for (int i = 0; i < 100'000; ++i) key += ".a";

  CHECK(report("x = \"1.2.3\" # " + key + "\n" + key + " = 1") ==
        "server.toml:2:64: not valid TOML: more than 32 names joined by dots\n1 problem; nothing was started.\n");
}

TEST_CASE("dots in strings and comments do not count") {
  Problems problems;
  const std::string dots(100, '.');
  CHECK(read_toml("a = \"" + dots + "\\\"" + dots + "\" # " + dots + "\nb = '''\n" + dots + "'''\nc = '" + dots + "'",
                  "f", problems));
}

TEST_CASE("letters of all scripts may stand in texts and comments, and are refused in bare keys") {
  Problems problems;
  const auto root = read_toml("# é О 猫\na = \"é О 猫\" # é\n\"О\" = 1\n", "f", problems);
  REQUIRE_MESSAGE(root.has_value(), problems.report());
  CHECK(*root->find("a")->string() == "é О 猫");
  CHECK(*root->find("О")->integer() == 1);
  CHECK(report("é = 1").starts_with("server.toml:1:1: not valid TOML: "));
  CHECK(report("x_О = 1").starts_with("server.toml:1:3: not valid TOML: "));
}

TEST_CASE("a time that breaks off is refused") { CHECK(report("x = 1979-05-27Tx").starts_with("server.toml:1:")); }

TEST_CASE("the deepest values that are allowed are read") {
  std::string key = "a", text;
  for (int i = 0; i < 30; ++i) key += ".a";
  for (int i = 0; i < 30; ++i) text += (i == 0 ? "" : "{ ") + key + " = ";
  text += "1";
  for (int i = 1; i < 30; ++i) text += " }";
  Problems problems;
  CHECK(read_toml(text, "f", problems));
  CHECK(problems.report() == "");
}

TEST_CASE("values nested too deep are refused") {
  CHECK(report("a = " + std::string(10'000, '[')).starts_with("server.toml:1:"));
}

TEST_CASE("a file that cannot be read is a problem that says what to do") {
  CHECK(report_on_file("/nowhere/meerkat.toml") ==
        "there is no such file — check the path; a relative path starts where the server is started");
  CHECK(report_on_file("/tmp") == "is a directory — name the file inside it");
  const meerkat::TestDirectory directory;

  CHECK(report_on_file(directory.write("a.cfg", "a = 1")) ==
        "only TOML is read, and the file's name must end in .toml — rename or convert it");
}

TEST_CASE("a file is read and its problems carry its name") {
  const meerkat::TestDirectory directory;
  const auto file = directory.write("a.toml", "a = 1\nb =");
  Problems problems;
  CHECK(!read_toml_file(file, problems));
  CHECK(problems.report().starts_with(file.string() + ":2:"));
}
