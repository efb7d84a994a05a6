// SPDX-License-Identifier: Apache-2.0
#include "xmpp/sasl_mechanism.h"

#include <doctest/doctest.h>

using namespace meerkat;
using namespace std::string_view_literals;

TEST_CASE("every mechanism is found again by its name") {
  for (const SaslMechanism mechanism : all_sasl_mechanisms) CHECK(sasl_mechanism(name_of(mechanism)) == mechanism);
  CHECK(name_of(SaslMechanism::scram_sha_256_plus) == "SCRAM-SHA-256-PLUS");
  for (const auto* bad : {"", "plain", "SCRAM-SHA-3", "SCRAM-SHA-1-", "DIGEST-MD5"}) CHECK(!sasl_mechanism(bad));
}

TEST_CASE("mechanisms are listed in order of preference: bound before unbound, strong before weak") {
  for (std::size_t i = 0; i < all_sasl_mechanisms.size(); ++i)
    CHECK(static_cast<std::size_t>(all_sasl_mechanisms[i]) == i);
  CHECK(SaslMechanism::scram_sha_1_plus < SaslMechanism::scram_sha_512);
  CHECK(SaslMechanism::scram_sha_512 < SaslMechanism::scram_sha_1);
  CHECK(SaslMechanism::scram_sha_1 < SaslMechanism::plain);
}

TEST_CASE("a SCRAM mechanism knows its hash and whether it binds") {
  for (const ScramHash hash : all_scram_hashes)
    for (const bool plus : {false, true}) {
      const SaslMechanism mechanism = scram_mechanism(hash, plus);
      CHECK(scram_hash_of(mechanism) == hash);
      CHECK(binds_channel(mechanism) == plus);
      CHECK(name_of(mechanism) == std::string{name_of(hash)} + (plus ? "-PLUS" : ""));
    }
  for (const auto mechanism : {SaslMechanism::plain, SaslMechanism::external, SaslMechanism::anonymous}) {
    CHECK(!scram_hash_of(mechanism));
    CHECK(!binds_channel(mechanism));
  }
}

TEST_CASE("failures bear the names of RFC 6120") {
  CHECK(name_of(SaslFailure::aborted) == "aborted");
  CHECK(name_of(SaslFailure::credentials_expired) == "credentials-expired");
  CHECK(name_of(SaslFailure::malformed_request) == "malformed-request");
  CHECK(name_of(SaslFailure::not_authorized) == "not-authorized");
  CHECK(name_of(SaslFailure::temporary_auth_failure) == "temporary-auth-failure");
}

TEST_CASE("PLAIN has three parts, the first of which may be empty") {
  const auto bare = parse_plain("\0tim\0tanstaaftanstaaf"sv);
  CHECK(bare->authzid == "");
  CHECK(bare->user == "tim");
  CHECK(bare->password == "tanstaaftanstaaf");
  const auto other = parse_plain("Ursel\0Kurt\0xipj3plmq"sv);
  CHECK(other->authzid == "Ursel");
  CHECK(other->user == "Kurt");
}

TEST_CASE("PLAIN with fewer, more, empty, endless or unreadable parts is malformed") {
  const std::string endless(4097, 'x');
  for (const std::string& bad :
       {std::string{}, std::string{"user"}, std::string{"\0user"sv}, std::string{"\0\0"sv},
        std::string{"\0\0password"sv}, std::string{"\0user\0"sv}, std::string{"a\0user\0pass\0word"sv},
        std::string{"\0user\0pass\0"sv}, std::string{"\0us\xff\0password"sv}, std::string{"\0user\0\xc3"sv},
        std::string{"\0user\0"sv} + endless}) {
    CAPTURE(bad);
    REQUIRE(!parse_plain(bad));
    CHECK(parse_plain(bad).error() == SaslFailure::malformed_request);
  }
}
