// SPDX-License-Identifier: Apache-2.0
#include "xmpp/scram.h"

#include <doctest/doctest.h>

#include <functional>

#include "base/text.h"

using namespace meerkat;
using namespace std::string_view_literals;

namespace {

constexpr auto malformed = SaslFailure::malformed_request;
constexpr auto refused = SaslFailure::not_authorized;

// A client that may be told to lie.
struct Client {
  ScramHash hash = ScramHash::sha256;
  std::string gs2 = "n,,";
  std::string bare = "n=user,r=clientnonce";
  std::string bound_to;
  std::string password = "pencil";
  std::function<std::string(std::string)> twist = [](std::string without_proof) { return without_proof; };

  // Answers the challenge `server_first`, which has "r=…,s=…,i=…".
  std::string final_message(const std::string& server_first, const ScramKeys& keys) const {
    const std::string nonce = server_first.substr(2, server_first.find(',') - 2);
    const std::string without_proof = twist("c=" + base64(gs2 + bound_to) + ",r=" + nonce);
    const std::string auth_message = bare + "," + server_first + "," + without_proof;
    const Digest salted = salted_password(hash, password, keys.salt, keys.iterations);
    const Digest client_key = hmac(hash, salted.view(), "Client Key");
    const Digest signature = hmac(hash, digest_of(hash, client_key.view()).view(), auth_message);
    std::string proof = client_key.text();
    for (std::size_t i = 0; i < proof.size(); ++i) proof[i] = static_cast<char>(proof[i] ^ signature.bytes[i]);
    return without_proof + ",p=" + base64(proof);
  }
};

const ChannelBinding channel{.tls_exporter = std::string(32, 'e'), .tls_server_end_point = std::string(32, 's')};

// Runs a whole exchange; the reason when it fails anywhere.
std::expected<std::string, SaslFailure> exchange(const Client& client, bool plus = false, bool offered = false,
                                                 const ChannelBinding* binding = nullptr) {
  const ScramKeys keys = derive_scram_keys(client.hash, "pencil", "salt and pepper", 100);
  ScramServer server{client.hash, plus, offered, binding};
  const auto first = server.client_first(client.gs2 + client.bare);
  if (!first) return std::unexpected{first.error()};
  return server.client_final(client.final_message(server.server_first(keys), keys));
}

std::expected<ScramFirst, SaslFailure> first_message(std::string_view message) {
  return ScramServer{ScramHash::sha1, false, false, nullptr}.client_first(message);
}

}  // namespace

TEST_CASE("the exchange of RFC 5802 goes as printed") {
  const std::string salt = from_base64("QSXCR+Q6sek8bf92").value();
  ScramServer server{ScramHash::sha1, false, false, nullptr};

  const auto first = server.client_first("n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL");
  const auto challenge =
      server.server_first(derive_scram_keys(ScramHash::sha1, "pencil", salt, 4096), "3rfcNHYJY1ZVvWVs7j");
  const auto last =
      server.client_final("c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=");

  CHECK(first->user == "user");
  CHECK(challenge == "r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096");
  CHECK(last == "v=rmF9pqV8S7suAoZWja4dJRkFsKQ=");
}

TEST_CASE("the exchange of RFC 7677 goes as printed") {
  const std::string salt = from_base64("W22ZaJ0SNY7soEsUEjb6gQ==").value();
  ScramServer server{ScramHash::sha256, false, false, nullptr};

  REQUIRE(server.client_first("n,,n=user,r=rOprNGfwEbeRWgbNEkqO"));
  const auto challenge =
      server.server_first(derive_scram_keys(ScramHash::sha256, "pencil", salt, 4096), "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0");
  const auto last = server.client_final(
      "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=");

  CHECK(challenge == "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096");
  CHECK(last == "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=");
}

TEST_CASE("every hash lets the right password in and no other") {
  for (const ScramHash hash : all_scram_hashes) {
    CHECK(exchange({.hash = hash}));
    CHECK(exchange({.hash = hash, .password = "pencil2"}).error() == refused);
  }
}

TEST_CASE("names are decoded, authzid too") {
  const auto first = first_message("y,a=admin=2Cchief,n=a=3Db=2Cc=3D2C\u00e9,r=x");
  REQUIRE(first);
  CHECK(first->authzid == "admin,chief");
  CHECK(first->user == "a=b,c=2C\u00e9");
}

TEST_CASE("unknown optional extensions are ignored, but signed") {
  CHECK(exchange({.bare = "n=user,r=nonce,x=some=thing,Y=else"}));
  CHECK(exchange({.twist = [](std::string text) { return text + ",x=thing"; }}));
}

TEST_CASE("first messages that the grammar does not know are malformed") {
  for (const std::string_view bad : {""sv,
                                     "n"sv,
                                     "n,"sv,
                                     "n,,"sv,
                                     "n,,n=user"sv,
                                     "n,,n=user,"sv,
                                     "n,,n=user,r="sv,
                                     "n,,r=nonce,n=user"sv,
                                     "n,,n=,r=nonce"sv,
                                     "n,,n=us=er,r=nonce"sv,
                                     "n,,n=us=2cer,r=nonce"sv,
                                     "n,,n=us=2,r=nonce"sv,
                                     "n,,n=user=,r=nonce"sv,
                                     "n,,m=ext,n=user,r=nonce"sv,
                                     "n,,n=user,r=no nce"sv,
                                     "n,,n=user,r=n\u00e9"sv,
                                     "n,,n=user,r=nonce,"sv,
                                     "n,,n=user,r=nonce,x"sv,
                                     "n,,n=user,r=nonce,x="sv,
                                     "n,,n=user,r=nonce,1=x"sv,
                                     "n,,n=user,r=nonce,=x"sv,
                                     "n,a=,n=user,r=nonce"sv,
                                     "n,admin,n=user,r=nonce"sv,
                                     "n,a=a=b,n=user,r=nonce"sv,
                                     "N,,n=user,r=nonce"sv,
                                     "x,,n=user,r=nonce"sv,
                                     ",,n=user,r=nonce"sv,
                                     "nn,,n=user,r=nonce"sv,
                                     "n ,,n=user,r=nonce"sv,
                                     " n,,n=user,r=nonce"sv,
                                     "p,,n=user,r=nonce"sv,
                                     "n,,n=us\0er,r=nonce"sv,
                                     "n,,n=us\xff,r=nonce"sv,
                                     "n,,u=user,r=nonce"sv,
                                     "n,,n=user,R=nonce"sv,
                                     "n=user,r=nonce"sv}) {
    CAPTURE(bad);
    REQUIRE(!first_message(bad));
    CHECK(first_message(bad).error() == malformed);
  }
  CHECK(!first_message("n,,n=user,r=" + std::string(1025, 'x')));
  CHECK(!first_message("n,,n=" + std::string(1024, 'x') + ",r=x"));
  CHECK(!first_message("n,,n=user,r=x,x=" + std::string(16 * 1024, 'x')));
}

TEST_CASE("last messages that the grammar does not know are malformed") {
  const std::string nonce = "clientnonceserver", proof = ",p=" + base64(std::string(20, 'x'));
  for (const std::string& bad : {
           std::string{},
           std::string{"c=biws"},
           "c=biws,r=" + nonce,
           "r=" + nonce + ",c=biws" + proof,
           "c=biws" + proof,
           "r=" + nonce + proof,
           "c=,r=" + nonce + ",p",
           "c=b!ws,r=" + nonce + proof,
           "c=biw,r=" + nonce + proof,
           "c=biws,r=" + nonce + ",p=x",
           "c=biws,r=" + nonce + proof + ",x=y",
           "c=biws,r=" + nonce + ",x" + proof,
           "c=biws,r=" + nonce + proof + proof,
           "c=biws,r=" + nonce + "," + proof,
           "x=y,c=biws,r=" + nonce + proof,
           "p=AAAA,c=biws,r=" + nonce,
           "c=biws,r=" + nonce + "\xff" + proof,
           std::string(17 * 1024, 'x'),
       }) {
    CAPTURE(bad);
    ScramServer server{ScramHash::sha1, false, false, nullptr};
    REQUIRE(server.client_first("n,,n=user,r=clientnonce"));
    server.server_first(fake_keys(ScramHash::sha1, "user", "secret", 1), "server");
    const auto last = server.client_final(bad);
    REQUIRE(!last);
    CHECK(last.error() == malformed);
  }
}

TEST_CASE("another nonce, another header or a bent proof is refused") {
  const auto with = [](std::string from, std::string to) {
    return [=](std::string text) { return text.replace(text.find(from), from.size(), to); };
  };
  CHECK(exchange({.twist = with("r=clientnonce", "r=clientnoncf")}).error() == refused);
  CHECK(exchange({.twist = [](std::string text) { return text + "x"; }}).error() == refused);
  CHECK(exchange({.twist = [](std::string text) { return text.substr(0, text.size() - 1); }}).error() == refused);
  CHECK(exchange({.twist = with("c=biws", "c=eSws")}).error() == refused);
  CHECK(exchange({.twist = with("c=biws", "c=")}).error() == refused);
  CHECK(exchange({.bound_to = "something"}).error() == refused);

  ScramServer server{ScramHash::sha1, false, false, nullptr};
  REQUIRE(server.client_first("n,,n=user,r=c"));
  server.server_first(fake_keys(ScramHash::sha1, "user", "secret", 1), "s");
  CHECK(server.client_final("c=biws,r=cs,p=AAAA").error() == refused);
}

TEST_CASE("the channel is bound by either kind of data") {
  Client client{.gs2 = "p=tls-exporter,,", .bound_to = channel.tls_exporter};
  CHECK(exchange(client, true, true, &channel));
  client = {.gs2 = "p=tls-server-end-point,a=other,", .bound_to = channel.tls_server_end_point};
  CHECK(exchange(client, true, true, &channel));
}

TEST_CASE("a client bound to another channel is refused") {
  const Client client{.gs2 = "p=tls-exporter,,", .bound_to = std::string(32, 'x')};
  CHECK(exchange(client, true, true, &channel).error() == refused);
  const Client crossed{.gs2 = "p=tls-exporter,,", .bound_to = channel.tls_server_end_point};
  CHECK(exchange(crossed, true, true, &channel).error() == refused);
  const Client unbound{.gs2 = "p=tls-exporter,,", .bound_to = ""};
  CHECK(exchange(unbound, true, true, &channel).error() == refused);
}

TEST_CASE("a kind of binding that we cannot offer is refused") {
  const ChannelBinding certificate_only{.tls_server_end_point = "s"};
  CHECK(exchange({.gs2 = "p=tls-unique,,"}, true, true, &channel).error() == refused);
  CHECK(exchange({.gs2 = "p=,,"}, true, true, &channel).error() == refused);
  CHECK(exchange({.gs2 = "p=tls-exporter,,"}, true, true, &certificate_only).error() == refused);
  CHECK(exchange({.gs2 = "p=tls-exporter,,"}, true, true, nullptr).error() == refused);
}

TEST_CASE("a client that would have bound, had we not offered it, finds out that somebody lied to it") {
  CHECK(exchange({.gs2 = "y,,"}, false, true, &channel).error() == refused);
  CHECK(exchange({.gs2 = "y,,"}, false, false, nullptr));
  CHECK(exchange({.gs2 = "n,,"}, false, true, &channel));
}

TEST_CASE("the flag goes with the mechanism") {
  CHECK(exchange({.gs2 = "p=tls-exporter,,", .bound_to = channel.tls_exporter}, false, true, &channel).error() ==
        malformed);
  CHECK(exchange({.gs2 = "n,,"}, true, true, &channel).error() == malformed);
  CHECK(exchange({.gs2 = "y,,"}, true, true, &channel).error() == malformed);
}

TEST_CASE("messages out of order are malformed, and one exchange is used once") {
  ScramServer server{ScramHash::sha1, false, false, nullptr};
  CHECK(server.client_final("c=biws,r=x,p=AAAA").error() == malformed);
  REQUIRE(server.client_first("n,,n=user,r=c"));
  CHECK(server.client_first("n,,n=user,r=c").error() == malformed);
  server.server_first(fake_keys(ScramHash::sha1, "user", "secret", 1), "s");
  CHECK(server.client_final("c=biws,r=cs,p=AAAA").error() == refused);
  CHECK(server.client_final("c=biws,r=cs,p=AAAA").error() == malformed);

  ScramServer failed{ScramHash::sha1, false, false, nullptr};
  CHECK(!failed.client_first("nonsense"));
  CHECK(!failed.client_first("n,,n=user,r=c"));
}

TEST_CASE("nonces are printable, long, and never the same") {
  CHECK(scram_nonce().size() >= 32);
  CHECK(scram_nonce() != scram_nonce());
  CHECK(!scram_nonce().contains(','));
}
