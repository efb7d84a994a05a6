// SPDX-License-Identifier: Apache-2.0
#include "modules/vcard/ldap_cards.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "base/test_file_log.h"
#include "store/pool/unavailable.h"
#include "store/sql/test_house.h"

using namespace meerkat;
using namespace std::string_literals;

namespace {

class TestDirectory final : public ldap::Directory {
 public:
  Task<ldap::Found> search(ldap::Search search) override {
    asked = search;
    if (refuses) throw ldap::Refused{32, "no such base"};
    co_return ldap::Found{entries, true};
  }
  Task<bool> bind(std::string, std::string) override { co_return false; }

  std::vector<ldap::Entry> entries;
  ldap::Search asked;
  bool refuses = false;
};

struct Cards {
  Cards() {
    config::Problems problems;
    options = ldap_cards_section().read(nullptr, problems);  // the defaults; the base is missing
    options.people.base = "dc=example,dc=org";
  }
  std::string card(std::string_view user) { return house.ask(store().find(Jid::parse(user).value())).value_or("none"); }
  std::vector<FoundUser> search(Search search) {
    return house.ask(store().search("example.org", std::move(search), 30));
  }

  TestDirectory directory;
  LdapCardsOptions options;
  config::Bytes largest{2048};
  sql::TestHouse house{1};

 private:
  VcardStore& store() {
    if (!store_) store_ = make_ldap_cards(directory, options, largest);
    return *store_;
  }
  std::unique_ptr<VcardStore> store_;
};

ldap::Entry alice() {
  return {.dn = "uid=alice",
          .attributes = {{"uid", {"Alice"}},
                         {"sn", {"Liddell & Co"}},
                         {"givenName", {"Alice"}},
                         {"mail", {"alice@example.org"}},
                         {"jpegPhoto", {"\xff\xd8\0x"s}},
                         {"title", {"bad \x01 text"}}}};
}

std::size_t place_of(std::string_view column) {
  for (std::size_t i = 0; i < searched_fields.size(); ++i)
    if (searched_fields[i].column == column) return i;
  return searched_fields.size();
}

Search for_field(std::string_view column, Wanted wanted) {
  Search search;
  search.fields[place_of(column)] = std::move(wanted);
  return search;
}

}  // namespace

TEST_CASE("a vCard is made of the attributes that an entry has") {
  Cards cards;
  CHECK(cards.card("alice@example.org") == "none");
  cards.directory.entries = {alice()};
  CHECK(cards.card("alice@example.org") ==
        "<vCard xmlns='vcard-temp'><N><FAMILY>Liddell &amp; Co</FAMILY><GIVEN>Alice</GIVEN></N>"
        "<NICKNAME>alice</NICKNAME><PHOTO><TYPE>image/jpeg</TYPE><BINVAL>/9gAeA==</BINVAL></PHOTO>"
        "<EMAIL><USERID>alice@example.org</USERID></EMAIL></vCard>");
  CHECK(cards.directory.asked.filter == "(uid=alice)");
}

TEST_CASE("people are searched by the attributes of the fields, and what is typed cannot change the filter") {
  using Fit = Wanted::Fit;
  Cards cards;
  cards.directory.entries = {alice(), {.dn = "cn=nobody", .attributes = {}}};
  const auto found = cards.search(for_field("family", {Fit::beginning, "lid)(x=*"}));
  CHECK(cards.directory.asked.filter == "(&(uid=*)(&(sn=lid\\29\\28x=\\2a*)))");
  CHECK(cards.directory.asked.size_limit == 30);
  REQUIRE(found.size() == 1);
  CHECK(found[0].user == "alice");
  CHECK(found[0].values[place_of("family")] == "Liddell & Co");
  CHECK(found[0].values[place_of("email")] == "alice@example.org");

  Search user;
  user.user = {Fit::beginning, "al"};
  cards.search(user);
  CHECK(cards.directory.asked.filter == "(&(uid=*)(&(uid=al*)))");
  CHECK(cards.search({}).empty());
}

TEST_CASE("with the operator or it is enough that one field fits") {
  Cards cards;
  cards.options.search_operator = LdapCardsOptions::Operator::with_or;
  Search search = for_field("family", {Wanted::Fit::whole, "a"});
  search.fields[place_of("given")] = {Wanted::Fit::whole, "b"};
  cards.search(search);
  CHECK(cards.directory.asked.filter == "(&(uid=*)(|(givenName=b)(sn=a)))");
}

TEST_CASE("a photo that is too large is left out of the vCard, and what is too long as well") {
  Cards cards;
  ldap::Entry entry = alice();
  for (ldap::Attribute& attribute : entry.attributes)
    if (attribute.name == "jpegPhoto") attribute.values = {std::string(1500, 'x')};  // 2000 bytes of base64
  cards.directory.entries = {entry};
  CHECK_FALSE(cards.card("alice@example.org").contains("PHOTO"));
  CHECK(cards.card("alice@example.org").contains("<FAMILY>"));
  CHECK(cards.directory.asked.largest_value == 2048);

  entry.attributes.push_back({"o", {std::string(2049, 'x')}});
  cards.directory.entries = {entry};
  CHECK_FALSE(cards.card("alice@example.org").contains("ORG"));

  // Each of them has room, all together have not.
  for (const char* const name : {"displayName", "description", "street"})
    entry.attributes.push_back({name, {std::string(1000, 'x')}});
  cards.directory.entries = {entry};
  CHECK(cards.card("alice@example.org") == "none");
}

TEST_CASE("a search asks the directory for nothing but what it tells") {
  Cards cards;
  ldap::Entry entry = alice();
  entry.attributes.push_back({"displayName", {std::string(1001, 'x')}});
  cards.directory.entries = {entry};
  const auto found = cards.search(for_field("family", {Wanted::Fit::whole, "liddell"}));
  REQUIRE(found.size() == 1);
  CHECK(found[0].values[place_of("fn")].empty());
  CHECK(std::ranges::count(cards.directory.asked.attributes, "jpegPhoto") == 0);
  CHECK(std::ranges::count(cards.directory.asked.attributes, "sn") == 1);
  CHECK(cards.directory.asked.largest_value == 1000);
}

TEST_CASE("a directory that refuses to be read is as good as none, and the operator is told once") {
  const FileLog log;
  Cards cards;
  cards.directory.refuses = true;
  for (int i = 0; i < 3; ++i) CHECK_THROWS_AS(cards.card("alice@example.org"), Unavailable);
  CHECK(log.count("ldap_refused") == 1);
}
