// SPDX-License-Identifier: Apache-2.0
#include "admin/bench/scram_client.h"

#include <doctest/doctest.h>

#include "xmpp/scram.h"

using namespace meerkat;
using namespace meerkat::bench;

TEST_CASE("the client says what RFC 5802 says, and knows the server's signature") {
  DerivedKeys keys{"pencil"};
  ScramClient client{ScramHash::sha1, "user", "fyko+d2lbbFgONRv9qkxdawL"};
  CHECK(client.client_first() == "n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL");

  const auto answer = client.answer("r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096", keys);

  CHECK(answer == "c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=");
  CHECK(client.proves_server("v=rmF9pqV8S7suAoZWja4dJRkFsKQ="));
  CHECK_FALSE(client.proves_server("v=rmF9pqV8S7suAoZWja4dJRkFsKR="));
  CHECK_FALSE(client.proves_server(""));
}

TEST_CASE("client and server of this house understand each other with SHA-256") {
  DerivedKeys keys{"s3cret"};
  ScramClient client{ScramHash::sha256, "a,b=c", "clientnonce"};
  ScramServer server{ScramHash::sha256, false, false, nullptr};
  const auto first = server.client_first(client.client_first());
  REQUIRE(first);
  CHECK(first->user == "a,b=c");

  const std::string challenge = server.server_first(derive_scram_keys(ScramHash::sha256, "s3cret", "salt", 100));
  const auto answer = client.answer(challenge, keys);
  REQUIRE(answer);
  const auto last = server.client_final(*answer);

  REQUIRE(last);
  CHECK(client.proves_server(*last));
}

TEST_CASE("keys are derived once per salt and count") {
  DerivedKeys keys{"x"};
  keys.find(ScramHash::sha1, "salt", 10);
  keys.find(ScramHash::sha1, "salt", 10);
  keys.find(ScramHash::sha1, "salt", 11);

  CHECK(keys.derived() == 2);
}

TEST_CASE("a challenge with a foreign nonce or no salt is refused in words") {
  DerivedKeys keys{"x"};
  ScramClient client{ScramHash::sha1, "user", "abc"};

  CHECK_FALSE(client.answer("r=other,s=QSXC,i=4096", keys));
  CHECK_FALSE(client.answer("r=abcdef,i=4096", keys));
  CHECK_FALSE(client.answer("r=abcdef,s=QSXC,i=0", keys));
  CHECK(keys.derived() == 0);
}
