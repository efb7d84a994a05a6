// SPDX-License-Identifier: Apache-2.0
#include <chrono>

#include <doctest/doctest.h>

#include "config/toml_reader.h"
#include "core/access.h"

using namespace meerkat;

namespace {

struct File {
  AclClasses acl;
  AccessClauses access;
};

config::Section<File> file_section() {
  return config::Section<File>{"", "A file."}
      .map("acl", &File::acl, acl_section(), config::names_are("class"))
      .map("access", &File::access, access_clause_section(), config::names_are("rule"));
}

// The tables of a file, or none and what is wrong with it.
AccessTables tables_of(std::string_view toml, std::string* report = nullptr) {
  config::Problems problems;
  const auto node = config::read_toml(toml, "test.toml", problems);
  REQUIRE(node);
  File file = file_section().read(&*node, problems);
  if (report != nullptr) *report = problems.report();
  if (report == nullptr) CHECK(problems.report() == "");
  return {std::move(file.acl), std::move(file.access)};
}

bool is_here(std::string_view domain) { return domain == "localhost" || domain == "example.org"; }

// Whether somebody belongs to a class that is described by tables of [[acl.class]].
bool belongs(std::string_view patterns, std::string_view who, std::string_view domain = "localhost") {
  const std::string toml = std::string{patterns} + "\n[access]\nrule = [{acl = \"class\", value = \"allow\"}]";
  const AccessRules rules{tables_of(toml), is_here};
  return rules.allows("rule", *Jid::parse(who), domain);
}

}  // namespace

TEST_CASE("the first clause that matches decides, and what no rule allows is denied") {
  const Jid alice = *Jid::parse("alice@localhost");
  const AccessRules access{
      {.acl = {}, .access = {{"register", {{"none", "deny"}, {"all", "allow"}, {"all", "deny"}}}, {"c2s", {}}}}};

  CHECK(access.allows("register", alice));
  CHECK(!access.allows("c2s", alice));
  CHECK(!access.allows("unheard_of", alice));
  CHECK(access.allows("all", alice));
  CHECK(!access.allows("none", alice));
}

TEST_CASE("a rule can give a number or a word") {
  const Jid alice = *Jid::parse("alice@localhost");
  const AccessRules access{
      {.acl = {}, .access = {{"max_user_sessions", {{"all", 10}}}, {"words", {{"all", "normal"}}}}}};

  CHECK(access.number("max_user_sessions", alice) == 10);
  CHECK(!access.number("words", alice));
  CHECK(!access.number("unheard_of", alice));
  CHECK(access.word("words", alice) == "normal");
  CHECK(!access.word("max_user_sessions", alice));
}

TEST_CASE("a class is matched by any of its patterns, a pattern by all of its conditions") {
  constexpr std::string_view admins =
      "[[acl.class]]\nuser = \"alice\"\nserver = \"localhost\"\n[[acl.class]]\nuser = \"root\"\nresource = \"desk\"";

  CHECK(belongs(admins, "alice@localhost/phone"));
  CHECK(belongs(admins, "root@localhost/desk"));
  CHECK(!belongs(admins, "root@localhost/phone"));
  CHECK(!belongs(admins, "alice@example.org"));
  CHECK(!belongs(admins, "bob@localhost"));
}

TEST_CASE("names are compared as addresses are") {
  CHECK(belongs("[[acl.class]]\nuser = \"Alice\"", "ALICE@localhost"));
  CHECK(!belongs("[[acl.class]]\nresource = \"Phone\"", "alice@localhost/phone"));
}

TEST_CASE("a pattern is about the domain that is asked for, unless it says otherwise") {
  CHECK(belongs("[[acl.class]]\nuser = \"alice\"", "alice@localhost"));
  CHECK(!belongs("[[acl.class]]\nuser = \"alice\"", "alice@localhost", "example.org"));
  CHECK(belongs("[[acl.class]]\nmatch = \"any_hosted_domain\"", "alice@localhost", "example.org"));
  CHECK(!belongs("[[acl.class]]\nmatch = \"any_hosted_domain\"", "alice@elsewhere.net", "example.org"));
  CHECK(belongs("[[acl.class]]\nmatch = \"all\"", "alice@elsewhere.net"));
  CHECK(!belongs("[[acl.class]]\nmatch = \"none\"", "alice@localhost"));
}

TEST_CASE("a class that nobody has described matches nobody") {
  const AccessTables tables = tables_of("[access]\nrule = [{acl = \"admin\", value = \"allow\"}]");

  CHECK(!AccessRules{tables}.allows("rule", *Jid::parse("admin@localhost")));
  CHECK(tables.unknown_classes() == std::vector<std::string>{"admin"});
}

TEST_CASE("expressions are found anywhere, globs are the whole") {
  CHECK(belongs("[[acl.class]]\nuser_regexp = \"dmi\"", "admin@localhost"));
  CHECK(!belongs("[[acl.class]]\nuser_regexp = \"^dmi\"", "admin@localhost"));
  CHECK(belongs("[[acl.class]]\nserver_regexp = \"^local(host)?$\"", "admin@localhost"));
  CHECK(belongs("[[acl.class]]\nresource_regexp = \"\\\\d+\"", "admin@localhost/bot7"));
  CHECK(belongs("[[acl.class]]\nuser_glob = \"ad*\"", "admin@localhost"));
  CHECK(!belongs("[[acl.class]]\nuser_glob = \"dmi*\"", "admin@localhost"));
  CHECK(belongs("[[acl.class]]\nresource_glob = \"bot-[0-9]?\"", "admin@localhost/bot-12"));
  CHECK(!belongs("[[acl.class]]\nresource_glob = \"bot-[!0-9]?\"", "admin@localhost/bot-12"));
  CHECK(!belongs("[[acl.class]]\nserver_glob = \"l.*\"", "admin@localhost"));
}

TEST_CASE("a glob's set may hold a bracket, and its signs mean themselves") {
  CHECK(TextPattern::glob("[]a]")->matches("]"));
  CHECK(TextPattern::glob("[!]]")->matches("x"));
  CHECK(!TextPattern::glob("[!]]")->matches("]"));
  CHECK(TextPattern::glob("[a\\b]")->matches("\\"));
  CHECK(TextPattern::glob("(a|b)+")->matches("(a|b)+"));
  CHECK(!TextPattern::glob("[ab"));
  CHECK(TextPattern::glob("?")->matches("ä"));
}

TEST_CASE("a pattern that cannot be read is a problem with its place") {
  std::string report;
  tables_of("[[acl.class]]\nuser_regexp = \"(a\"\n[[acl.class]]\nuser_glob = \"[a\"\n[[acl.class]]\nuser = \"a@b\"",
            &report);

  CHECK(report.find("test.toml:2:15: acl.class[0].user_regexp: \"(a\" is not a regular expression: missing ): (a") !=
        std::string::npos);
  CHECK(report.find("test.toml:4:13: acl.class[1].user_glob: \"[a\" is not a glob: missing ]: [a") !=
        std::string::npos);
  CHECK(report.find("test.toml:6:8: acl.class[2].user: \"a@b\" cannot be the user of an address") != std::string::npos);
}

TEST_CASE("no name keeps an expression busy for long") {
  const auto pattern = TextPattern::regexp("(a|aa|a*)*$^b");
  REQUIRE(pattern);
  const std::string name(1023, 'a');

  const auto before = std::chrono::steady_clock::now();
  for (int i = 0; i < 100; ++i) CHECK(!pattern->matches(name));

  CHECK(std::chrono::steady_clock::now() - before < std::chrono::seconds{1});
}

TEST_CASE("a host type adds to classes, and its clauses come before the one that lets everybody in") {
  const AccessTables global = tables_of(
      "[[acl.staff]]\nuser = \"alice\"\n"
      "[access]\nopen = [{acl = \"all\", value = \"allow\"}]\nclosed = [{acl = \"staff\", value = \"allow\"}]");
  const AccessTables own = tables_of(
      "[[acl.staff]]\nuser = \"bob\"\n"
      "[access]\nopen = [{acl = \"staff\", value = \"deny\"}]\nclosed = [{acl = \"all\", value = 3}]");

  const AccessRules rules{global.with(own)};

  CHECK(!rules.allows("open", *Jid::parse("alice@localhost")));
  CHECK(!rules.allows("open", *Jid::parse("bob@localhost")));
  CHECK(rules.allows("open", *Jid::parse("eve@localhost")));
  CHECK(rules.allows("closed", *Jid::parse("bob@localhost")));
  CHECK(rules.number("closed", *Jid::parse("eve@localhost")) == 3);
}
