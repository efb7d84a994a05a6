// SPDX-License-Identifier: Apache-2.0
#include "modules/vcard/ldap_cards.h"

#include <doctest/doctest.h>

#include "store/sql/test_house.h"

using namespace meerkat;
using namespace std::string_literals;

namespace {

class TestDirectory final : public ldap::Directory {
 public:
  Task<ldap::Found> search(ldap::Search search) override {
    asked = search;
    co_return ldap::Found{entries, true};
  }
  Task<bool> bind(std::string, std::string) override { co_return false; }

  std::vector<ldap::Entry> entries;
  ldap::Search asked;
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
  sql::TestHouse house{1};

 private:
  VcardStore& store() {
    if (!store_) store_ = make_ldap_cards(directory, options);
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
