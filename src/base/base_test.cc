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
