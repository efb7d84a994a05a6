// SPDX-License-Identifier: Apache-2.0
#include "xmpp/sasl_crypto.h"

#include <doctest/doctest.h>

#include <vector>

#include "base/check.h"
#include "base/text.h"
#include "xmpp/scram_text.h"

using namespace meerkat;

namespace {

// "open sesame", 4096 iterations, salts 00 01 02 …, 01 02 03 … and so on; computed with Python's hashlib.
constexpr std::string_view all_keys =
    "==MULTI_SCRAM==,4096,"
    "===SHA1===AAECAwQFBgcICQoLDA0ODw==|i8LCcQd80mGPbuhdII/l+E+oWAA=|brhnKlYipqYmbAk1ALvhXOjdV+g=,"
    "==SHA224==AQIDBAUGBwgJCgsMDQ4PEA==|zE7SeSPQ4cJKCm+qPgSL5Hi+tHgOxgXO1KRbbg==|"
    "5y6ud8jzP5OfXB6WYWJeqoOD0nCFovBqYEF9Kg==,"
    "==SHA256==AgMEBQYHCAkKCwwNDg8QEQ==|/fuly8QRdMwdSKZIaN4PYUWyEZihh2qRsD+czMx1aYU=|"
    "e1iA5/p9f4cSLQ3McD7uRzgnF8SvDKY3P35r+R06nlc=,"
    "==SHA384==AwQFBgcICQoLDA0ODxAREg==|smThMtsgCZiuTnBxB+zU9LhW2M4t4ghIB0OwxcTvuADnE1//ESLF2J4mQSeBN9KO|"
    "944fz3OJfm9fSPu9AEIfMU0MGGsiaNsRfFEQJkImPsdFZnbS0nkXT35j+dsFKC8P,"
    "==SHA512==BAUGBwgJCgsMDQ4PEBESEw==|"
    "JGSFd2gLVOIB/B8UVKAGpZSMgi+18YJyOIeB83iYdkhS6SAua8mGC//VrMBCYJyBJbQcm3DT4Nvvwor85EuOfA==|"
    "QIal6pXqfiA77bxzc1SD8UaWqtPAk6g9oXuuNdfjoPb2yf4FP5w4UjgK4zVZknoSKt8XFwDsBA7QoIWYMVH7QQ==";
constexpr std::string_view old_keys =
    "==SCRAM==,i8LCcQd80mGPbuhdII/l+E+oWAA=,brhnKlYipqYmbAk1ALvhXOjdV+g=,AAECAwQFBgcICQoLDA0ODw==,4096";

std::string replaced(std::string_view text, std::string_view what, std::string_view with) {
  std::string result{text};
  return result.replace(result.find(what), what.size(), with);
}

}  // namespace

TEST_CASE("HMAC follows RFC 4231 and RFC 2202") {
  CHECK(hex(hmac(ScramHash::sha1, "Jefe", "what do ya want for nothing?").view()) ==
        "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
  CHECK(hex(hmac(ScramHash::sha256, "Jefe", "what do ya want for nothing?").view()) ==
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  const std::string long_key(131, '\xaa');
  CHECK(hex(hmac(ScramHash::sha256, long_key, "Test Using Larger Than Block-Size Key - Hash Key First").view()) ==
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
  CHECK(hex(hmac(ScramHash::sha224, long_key, "Test Using Larger Than Block-Size Key - Hash Key First").view()) ==
        "95e9a0db962095adaebe9b2d6f0dbce2d499f112f2d2b7273fa6870e");
}

TEST_CASE("PBKDF2 follows RFC 6070") {
  CHECK(hex(salted_password(ScramHash::sha1, "password", "salt", 1).view()) ==
        "0c60c80f961f0e71f3a9b524af6012062fe037a6");
  CHECK(hex(salted_password(ScramHash::sha1, "password", "salt", 4096).view()) ==
        "4b007901b765489abead49d926f721d065a429c1");
  CHECK(hex(salted_password(ScramHash::sha1, std::string_view{"pass\0word", 9}, std::string_view{"sa\0lt", 5}, 4096)
                .view())
            .starts_with("56fa6aa75548099dcc37d7f03425e0c3"));
}

TEST_CASE("keys written by others open with their password and no other") {
  const auto all = scram_keys_from_text(all_keys);
  REQUIRE(all);
  REQUIRE(all->size() == 5);
  for (const ScramKeys& keys : *all) {
    CAPTURE(name_of(keys.hash));
    CHECK(password_matches(keys, "open sesame"));
    CHECK(!password_matches(keys, "open barley"));
    CHECK(!password_matches(keys, ""));
    CHECK(derive_scram_keys(keys.hash, "open sesame", keys.salt, keys.iterations) == keys);
  }
}

TEST_CASE("keys are written as they were read") { CHECK(to_text(scram_keys_from_text(all_keys).value()) == all_keys); }

TEST_CASE("the form before several hashes is still read") {
  const auto keys = scram_keys_from_text(old_keys);
  REQUIRE(keys);
  REQUIRE(keys->size() == 1);
  CHECK(keys->front() == scram_keys_from_text(all_keys)->front());
}

TEST_CASE("texts that are not quite keys are refused") {
  for (const std::string& bad : {
           std::string{""},
           std::string{"secret"},
           std::string{"==MULTI_SCRAM==,"},
           std::string{"==MULTI_SCRAM==,4096"},
           std::string{"==SCRAM==,a,b,c"},
           replaced(old_keys, ",4096", ",0"),
           replaced(old_keys, ",4096", ",4096x"),
           replaced(old_keys, ",4096", ",-1"),
           replaced(old_keys, ",4096", ",4294967295"),
           replaced(old_keys, "AAECAwQFBgcICQoLDA0ODw==", ""),
           replaced(old_keys, "i8LC", "i8L"),
           replaced(old_keys, "brhnKlYipqYmbAk1ALvhXOjdV+g=", "AAAA"),
           replaced(all_keys, "==SHA224==", "==SHA225=="),
           replaced(all_keys, "==SHA224==", "===SHA1==="),
           replaced(all_keys, "|", ","),
           std::string{all_keys} + ",",
           std::string{all_keys} + "|AAAA",
       }) {
    CAPTURE(bad);
    CHECK(!scram_keys_from_text(bad));
  }
}

TEST_CASE("made-up keys are the same for the same user and differ for others") {
  const ScramKeys keys = fake_keys(ScramHash::sha256, "nobody", "server secret", 10'000);
  CHECK(keys == fake_keys(ScramHash::sha256, "nobody", "server secret", 10'000));
  CHECK(keys.salt != fake_keys(ScramHash::sha256, "nobody2", "server secret", 10'000).salt);
  CHECK(keys.salt != fake_keys(ScramHash::sha256, "nobody", "other secret", 10'000).salt);
  CHECK(keys.salt != fake_keys(ScramHash::sha512, "nobody", "server secret", 10'000).salt.substr(0, 16));
  CHECK(keys.salt.size() == scram_salt_size);
  CHECK(keys.stored_key.size() == 32);
  CHECK(!password_matches(keys, ""));
}

TEST_CASE("a wiped secret is empty") {
  std::string secret = "correct horse battery staple";
  wipe(secret);
  CHECK(secret.empty());
}
