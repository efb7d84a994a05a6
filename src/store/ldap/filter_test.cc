// SPDX-License-Identifier: Apache-2.0
#include "store/ldap/filter.h"

#include <doctest/doctest.h>

#include "store/ldap/directory.h"

using namespace meerkat::ldap;
using namespace std::string_literals;

TEST_CASE("what somebody typed cannot change the meaning of a filter (RFC 4515 §3)") {
  CHECK(escape_filter("alice") == "alice");
  CHECK(escape_filter("*)(uid=*") == "\\2a\\29\\28uid=\\2a");
  CHECK(escape_filter("a\\b\0c"s) == "a\\5cb\\00c");
  CHECK(escape_filter("ünïcode") == "ünïcode");
  CHECK(fill_filter("(&(uid=%u)(mail=%u@%d))", {{'u', "x*"}, {'d', "example.org"}}) ==
        "(&(uid=x\\2a)(mail=x\\2a@example.org))");
}

TEST_CASE("what somebody typed cannot change the meaning of a name (RFC 4514 §2.4)") {
  CHECK(escape_dn("alice") == "alice");
  CHECK(escape_dn("James \"Jim\" Smith, III") == "James \\\"Jim\\\" Smith\\, III");
  CHECK(escape_dn(" #a ") == "\\ #a\\ ");
  CHECK(escape_dn("#a") == "\\#a");
  CHECK(escape_dn("a+b=c;<d>\\") == "a\\+b\\=c\\;\\<d\\>\\\\");
  CHECK(escape_dn("a\0b"s) == "a\\00b");
}

TEST_CASE("filters are told from what is none") {
  for (const char* const good :
       {"(uid=alice)", "(cn=*)", "(&(objectClass=person)(|(uid=%u)(mail=%u@%d)))", "(!(a=b))", "(a>=1)", "(a~=b)",
        "(cn:dn:2.4.6.8.10:=Dino)", "(:caseExactMatch:=x)", "(a;lang-en=b)", "(a=\\28\\2a)", "(&)", "(a=)"})
    CHECK_MESSAGE(is_filter(good), good);
  for (const char* const bad : {"", "uid=alice", "(uid=alice", "(uid=alice))", "(uid)", "(=a)", "(a=b)(c=d)", "(&(a=b)",
                                "(a=\\2)", "(a=(b))", "(!)", "(a b=c)", "()"})
    CHECK_MESSAGE(!is_filter(bad), bad);
  std::string deep;
  for (int i = 0; i < 1000; ++i) deep += "(!";
  CHECK_FALSE(is_filter(deep));
}

TEST_CASE("blanks are filled, each value of a letter once, and other signs stay") {
  CHECK(fill("%s and %s, %x, 100%", {{'s', "one"}, {'s', "two"}}) == "one and two, %x, 100%");
  CHECK(fill("%u %u", {{'u', "%u"}}) == "%u %u");
}

TEST_CASE("the name of a user is found in what a format has made of it") {
  CHECK(user_part("alice", "%u", "example.org") == "alice");
  CHECK(user_part("Alice@Example.org", "%u@%d", "example.org") == "Alice");
  CHECK(user_part("id-alice", "id-%u", "example.org") == "alice");
  CHECK_FALSE(user_part("alice@elsewhere.org", "%u@%d", "example.org"));
  CHECK_FALSE(user_part("@example.org", "%u@%d", "example.org"));
  CHECK_FALSE(user_part("alice", "fixed", "example.org"));
}

TEST_CASE("names of attributes are the same in upper and lower case") {
  const Entry entry{.dn = "uid=a", .attributes = {{"givenName", {"A", "B"}}}};
  REQUIRE(entry.values("GIVENNAME") != nullptr);
  CHECK(entry.value("givenname") == "A");
  CHECK(entry.values("given") == nullptr);
  CHECK(entry.value("sn").empty());
}
