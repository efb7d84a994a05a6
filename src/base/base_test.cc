// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "base/keyed_hash.h"
#include "base/random.h"
#include "base/text.h"

using namespace meerkat;

TEST_CASE("base64 follows the vectors of RFC 4648") {
  CHECK(base64("") == "");
  CHECK(base64("f") == "Zg==");
  CHECK(base64("fo") == "Zm8=");
  CHECK(base64("foobar") == "Zm9vYmFy");
  CHECK(from_base64("Zm9vYg==") == "foob");
}

TEST_CASE("base64 refuses missing padding, strange characters and stray bits") {
  CHECK(!from_base64("Zg"));
  CHECK(!from_base64("Zg =="));
  CHECK(!from_base64("Zh=="));
  CHECK(!from_base64("=Zg="));
}

TEST_CASE("the closest word is suggested, and none when all are far") {
  const std::string_view words[] = {"rdbms", "embedded"};
  CHECK(closest("rdms", words) == "rdbms");
  CHECK(!closest("unrelated", words));
  CHECK(closest("rdmbs", words) == "rdbms");
  const std::string_view commands[] = {"account", "serve", "session"};
  CHECK(closest("sreve", commands) == "serve");
}

TEST_CASE("the first character of a text is found, and ill-formed UTF-8 has none") {
  const auto first = [](std::string_view text) {
    const CodePoint point = first_code_point(text);
    return std::pair{static_cast<unsigned>(point.value), point.size};
  };
  using Found = std::pair<unsigned, std::size_t>;
  CHECK(first("az") == Found{'a', 1});
  CHECK(first("\xc3\xa9z") == Found{0xE9, 2});
  CHECK(first("\xe2\x82\xacz") == Found{0x20AC, 3});
  CHECK(first("\xf0\x9f\x98\x80z") == Found{0x1F600, 4});
  // A second half alone, overlong forms, a surrogate, beyond the last character, cut short, no continuation.
  for (const std::string_view broken :
       {"\x80", "\xc0\xaf", "\xc1\xbf", "\xe0\x9f\xbf", "\xf0\x8f\xbf\xbf", "\xed\xa0\x80", "\xf4\x90\x80\x80",
        "\xf5\x80\x80\x80", "\xe2\x82", "\xe2\x82z"})
    CHECK(first(broken).second == 0);
}

TEST_CASE("siphash differs by key and by text") {
  const HashKey one{1, 2}, other{3, 4};
  CHECK(siphash("alice@localhost", one) == siphash("alice@localhost", one));
  CHECK(siphash("alice@localhost", one) != siphash("alice@localhost", other));
  CHECK(siphash("alice@localhost", one) != siphash("bob@localhost", one));
}

TEST_CASE("random tokens are as long as asked and differ") {
  CHECK(random_token(128).size() == 26);
  CHECK(random_token() != random_token());
}

TEST_CASE("a random UUID is one of version 4, and no other is like it") {
  const std::string uuid = random_uuid();

  REQUIRE(uuid.size() == 36);
  for (const std::size_t at : {8, 13, 18, 23}) CHECK(uuid[at] == '-');
  CHECK(uuid[14] == '4');
  CHECK(std::string_view{"89ab"}.contains(uuid[19]));
  CHECK(uuid.find_first_not_of("0123456789abcdef-") == std::string::npos);
  CHECK(uuid != random_uuid());
}
