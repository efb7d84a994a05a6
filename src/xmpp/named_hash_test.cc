// SPDX-License-Identifier: Apache-2.0
#include "xmpp/named_hash.h"

#include <doctest/doctest.h>

#include "base/text.h"

using namespace meerkat;

TEST_CASE("hashes are found by the names they have in stanzas") {
  CHECK(hex(*named_hash("sha-1", "abc")) == "a9993e364706816aba3e25717850c26c9cd0d89d");
  CHECK(hex(*named_hash("sha-256", "abc")) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(hex(*named_hash("sha3-256", "abc")) == "3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532");
  CHECK(!named_hash("md5", "abc"));
  CHECK(!named_hash("", "abc"));
}

TEST_CASE("every hash that is said to be known can be computed") {
  for (const std::string_view name : known_hashes()) CHECK(named_hash(name, "")->size() >= 20);
}
