// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <string>

#include <fmt/format.h>

#include "accounts/jwt.h"
#include "accounts/jwt_token.h"
#include "base/test_directory.h"
#include "base/text.h"
#include "store/sql/test_house.h"
#include "xmpp/sasl_crypto.h"

using namespace meerkat;

namespace {

// Public keys, and tokens of alice's that were signed with the private ones.
const std::string rsa_key =
    "-----BEGIN PUBLIC KEY-----\n"
    "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAulBj5yGsRyCO1c+Fz5ko\n"
    "qLpvVaUhUoytBdBYOFodxFUPoeLH1R9QoIWaLQFDT1Uq0CW5uLf8DFHPNWyPxoFC\n"
    "RstbbEB3U95oeU74QIBINYGrpapopbMyd7+I+sk60N/CPs74NAmTkfC2ZMCIp2Pt\n"
    "N4hbipcC3eROYpRWi/9EXru89T2raXKyFyAa5FCxZ3b+w8zEhvwLjeZerD8H5jjF\n"
    "tpumLP66XQEF8S64JurEl/IfhaVUjHQh3JlbLwBhCgasR3dl6hMQOn3IXT+R1ltB\n"
    "C9Hiy2CT//40A+uXqftvuJI7l0qfAN+z9BqY99MDKxs9bORlIXX7LJGjs9xtDaSE\n"
    "GQIDAQAB\n"
    "-----END PUBLIC KEY-----\n";
const std::string rs256_token =
    "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJhbGljZSJ9.bgd7NQriNk8bgJtOin7ghlvPL17L-LihbsoWbU8OKS"
    "q-Q6RNy6UUYqVZWjCQ_dkK_u9TwOSqyFZIe5mjTMTgok3zaFnvT9I4mToawFfOmafgrSIxA4w1lBQg2JbOYmho2ZiElxz5PmohEK"
    "U4rDkombn7YSxLqLNAq_EZdnUVveWnha6rRCQ5EKTSBWzGpmSl37m2i7jXVI1bV0GqvEtcvslBcb6p_VaXJiRDM12B37DqvMhEAB"
    "LrSqEpRGH5GOR_RKn-opIXNfcmU_mI_--hwfbberjkkwVGGYtZWaxpPo6Dtb-_AEMk1c0Fppx-dOu5DnTfs56gOsKURNntw60rzQ";
const std::string p256_key =
    "-----BEGIN PUBLIC KEY-----\n"
    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE1KBOwUuWERNj40wGQmAsNQgoIITd\n"
    "mm24un5PzHdi2G4vqFizaFCxQW3ezbVPISdxlKH0DerMfxy0d9msvJTrnA==\n"
    "-----END PUBLIC KEY-----\n";
const std::string es256_token =
    "eyJhbGciOiJFUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJhbGljZSJ9.RqHFI7Dy7WqagxxqtGjjouhGHrOy3EODNb1DO3qAbz"
    "gwiQgpBlgcj4og_CzZduhWckJLqb1Bi6vGYA4Dxm1CVA";
const std::string p384_key =
    "-----BEGIN PUBLIC KEY-----\n"
    "MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAEzaFnGiJHCwJOpUJQP8cODMmQgqd0bSOj\n"
    "FcRfxbiZeyg4wA9gw6KGEtiLcUb5b269eoLjM5ugN4ktaQJyDNyYDAy0wHymbhBa\n"
    "DUeVHGWWQW7Cq5PLpbUjJqYJGDWCh85D\n"
    "-----END PUBLIC KEY-----\n";
const std::string es384_token =
    "eyJhbGciOiJFUzM4NCIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJhbGljZSJ9.V_t7bERj1Ie1CadMBAGUV706illQWBHoOI2KaQRkWX"
    "MXi-tvr1CY5RoambWPBHvhac7qsopemIWkjhiNQxoIXMtRY82qRWoTLxX_2XbhYQhABb8kAkc-TyLBDjDjavMR";

const std::string secret = "a secret of thirty-two bytes, or more";

std::string base64url(std::string_view bytes) {
  std::string text = base64(bytes);
  std::ranges::replace(text, '+', '-');
  std::ranges::replace(text, '/', '_');
  while (text.ends_with('=')) text.pop_back();
  return text;
}

// Signed with HMAC, whatever the header says.
std::string signed_token(std::string_view claims, ScramHash hash = ScramHash::sha256,
                         std::string_view algorithm = "HS256", std::string_view key = secret) {
  const std::string signed_part =
      base64url(fmt::format(R"({{"alg":"{}","typ":"JWT"}})", algorithm)) + "." + base64url(claims);
  return signed_part + "." + base64url(hmac(hash, key, signed_part).view());
}

const WallTime noon{std::chrono::seconds{1'700'000'000}};
const JwtRules by_secret{.algorithm = JwtAlgorithm::hs256, .key = secret, .username_key = "sub"};

std::string user_of(const std::string& token, const JwtRules& rules = by_secret) {
  const auto user = user_of_jwt(token, rules, noon);
  return user ? *user : "refused: " + std::string{user.error()};
}

bool is_refused(const std::string& token, const JwtRules& rules = by_secret) {
  return !user_of_jwt(token, rules, noon).has_value();
}

}  // namespace

TEST_CASE("a token tells whose it is when our key has signed it") {
  CHECK(user_of(signed_token(R"({"sub":"alice"})")) == "alice");
  CHECK(user_of(signed_token(R"({"name":"alice"})"), {JwtAlgorithm::hs256, secret, "name"}) == "alice");
  CHECK(user_of(signed_token(R"({"sub":"alice"})", ScramHash::sha384, "HS384"), {JwtAlgorithm::hs384, secret, "sub"}) ==
        "alice");
  CHECK(user_of(signed_token(R"({"sub":"alice"})", ScramHash::sha512, "HS512"), {JwtAlgorithm::hs512, secret, "sub"}) ==
        "alice");
  CHECK(user_of(rs256_token, {JwtAlgorithm::rs256, rsa_key, "sub"}) == "alice");
  CHECK(user_of(es256_token, {JwtAlgorithm::es256, p256_key, "sub"}) == "alice");
  CHECK(user_of(es384_token, {JwtAlgorithm::es384, p384_key, "sub"}) == "alice");
}

TEST_CASE("a token that was changed, or signed by somebody else, is refused") {
  std::string token = signed_token(R"({"sub":"alice"})");
  CHECK(is_refused(signed_token(R"({"sub":"alice"})", ScramHash::sha256, "HS256", "another secret")));
  token.back() = token.back() == 'A' ? 'Q' : 'A';
  CHECK(is_refused(token));

  std::string changed = rs256_token;
  changed[changed.size() / 2] = changed[changed.size() / 2] == 'A' ? 'B' : 'A';
  CHECK(is_refused(changed, {JwtAlgorithm::rs256, rsa_key, "sub"}));
}

TEST_CASE("a token cannot choose its algorithm (RFC 8725 §2.1)") {
  // A public key is known to everybody, and would do as the secret of HS256.
  const std::string claims = R"({"sub":"alice"})";
  CHECK(is_refused(signed_token(claims, ScramHash::sha256, "HS256", rsa_key), {JwtAlgorithm::rs256, rsa_key, "sub"}));
  CHECK(is_refused(signed_token(claims, ScramHash::sha512, "HS512"), by_secret));
  CHECK(is_refused(signed_token(claims, ScramHash::sha256, "RS256"), by_secret));
  const std::string unsigned_part = base64url(R"({"alg":"none"})") + "." + base64url(claims);
  CHECK(is_refused(unsigned_part + "."));
  CHECK(is_refused(unsigned_part));
  CHECK(is_refused(signed_token(claims, ScramHash::sha256, "none")));
  CHECK(is_refused(signed_token(claims, ScramHash::sha256, "")));
}

TEST_CASE("a token has its time (RFC 7519 §4.1)") {
  const auto with = [](std::string_view claim) { return signed_token(fmt::format(R"({{"sub":"alice",{}}})", claim)); };
  CHECK(user_of(with(R"("exp":1700000001)")) == "alice");
  CHECK(user_of(with(R"("exp":1700000000.5)")) == "alice");
  CHECK(user_of(with(R"("exp":1700000000)")) == "refused: it has expired");
  CHECK(user_of(with(R"("exp":"1800000000")")) == "refused: it has expired");
  CHECK(user_of(with(R"("exp":null)")) == "refused: it has expired");
  CHECK(user_of(with(R"("nbf":1700000000)")) == "alice");
  CHECK(user_of(with(R"("nbf":1700000060)")) == "refused: its time has not come yet");
  CHECK(user_of(with(R"("iat":1700000002)")) == "alice");
  CHECK(user_of(with(R"("iat":1700000060)")) == "refused: it was issued in the future");
  CHECK(user_of(with(R"("iat":true)")) == "refused: it was issued in the future");
}

TEST_CASE("what is no token is refused, and so is one that names nobody or is too long") {
  for (const char* const nonsense : {"", ".", "..", "a.b.c", "....", "password", "e30.e30.e30"})
    CHECK(is_refused(nonsense));
  CHECK(is_refused(signed_token("[]")));
  CHECK(is_refused(signed_token("{")));
  CHECK(is_refused(signed_token("{}")));
  CHECK(is_refused(signed_token(R"({"sub":7})")));
  CHECK(is_refused(signed_token(R"({"sub":""})")));
  CHECK(is_refused(signed_token(R"({"sub":["alice"]})")));
  CHECK(is_refused(signed_token(R"({"sub":"alice","x":")" + std::string(longest_jwt, 'x') + "\"}")));
  CHECK(is_refused(signed_token(R"({"sub":"alice","x":)" + std::string(4000, '[') + "}")));
}

TEST_CASE("a token is the password of whoever it names, and of nobody else") {
  BlockingPool checking{"checking", 1};
  const auto accounts = make_jwt_accounts({.secret = {.value = secret}, .username_key = "sub"}, checking);
  sql::TestHouse house{1};
  const auto check = [&](std::string_view user, std::string token) {
    return house.ask(accounts->check_password(Jid::parse(user).value(), std::move(token)));
  };

  CHECK(check("alice@a.example", signed_token(R"({"sub":"alice"})")) == PasswordCheck::right);
  CHECK(check("alice@a.example", signed_token(R"({"sub":"Alice"})")) == PasswordCheck::right);
  CHECK(check("bob@a.example", signed_token(R"({"sub":"alice"})")) == PasswordCheck::wrong);
  CHECK(check("alice@a.example", "a password") == PasswordCheck::wrong);
  CHECK(house.ask(accounts->exists(Jid::parse("whoever@a.example").value())));
  CHECK(accounts->knows_everybody());
  CHECK(accounts->checks_passwords());
  CHECK_FALSE(accounts->can_register());
  CHECK_FALSE(accounts->accepts_certificates());
}

TEST_CASE("a key that is of no use is refused before anybody logs in") {
  BlockingPool checking{"checking", 1};
  const TestDirectory place;
  CHECK_THROWS(make_jwt_accounts({.secret = {.file = place / "missing"}, .username_key = "sub"}, checking));
  CHECK_THROWS(make_jwt_accounts({.secret = {.env = "MEERKAT_TEST_NO_SUCH"}, .username_key = "sub"}, checking));
  CHECK_THROWS(make_jwt_accounts({.secret = {.value = ""}, .username_key = "sub"}, checking));
  CHECK_THROWS(make_jwt_accounts({.secret = {.value = secret}, .algorithm = JwtAlgorithm::rs256, .username_key = "sub"},
                                 checking));
}
