// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "base/test_directory.h"
#include "base/text.h"
#include "net/tls_test_kit.h"

#include <sys/stat.h>

using namespace meerkat;
using namespace meerkat::tls_test;

namespace {

constexpr const char* service = "_xmpp-server";

PeerCertificate with_dns(std::vector<std::string> names) {
  PeerCertificate certificate;
  certificate.dns_names = std::move(names);
  return certificate;
}

// What a client sees of a server that shows a certificate with these names.
PeerCertificate seen(const std::string& names, const std::string& common_name = "test") {
  const TestDirectory place;
  const Issued shown = issue(place, "server", {.common_name = common_name, .names = names});
  Talk talk{context(server_of(shown), TlsRole::server), context(trusting_client(), TlsRole::client)};
  REQUIRE(talk.shake_hands());
  return talk.client.peer();
}

}  // namespace

TEST_CASE("a certificate names a server by DNS name, whatever the case") {
  CHECK(names_server(with_dns({"example.org"}), "example.org", service));
  CHECK(names_server(with_dns({"EXAMPLE.org"}), "example.ORG", service));
  CHECK(!names_server(with_dns({"example.org"}), "chat.example.org", service));
  CHECK(!names_server(with_dns({"example.org"}), "", service));
}

TEST_CASE("a star stands for exactly the whole leftmost label") {
  CHECK(names_server(with_dns({"*.example.org"}), "chat.example.org", service));
  CHECK(!names_server(with_dns({"*.example.org"}), "example.org", service));
  CHECK(!names_server(with_dns({"*.example.org"}), "a.b.example.org", service));
  CHECK(!names_server(with_dns({"*.example.org"}), ".example.org", service));
  CHECK(!names_server(with_dns({"c*.example.org"}), "chat.example.org", service));
  CHECK(!names_server(with_dns({"chat.*.org"}), "chat.example.org", service));
  CHECK(!names_server(with_dns({"*.*.org"}), "chat.example.org", service));
  CHECK(!names_server(with_dns({"*.org"}), "example.org", service));
  CHECK(!names_server(with_dns({"*"}), "localhost", service));
}

TEST_CASE("a certificate names a server by xmppAddr and by the SRV name of its service") {
  const PeerCertificate certificate =
      seen("otherName:1.3.6.1.5.5.7.8.5;UTF8:example.org,otherName:1.3.6.1.5.5.7.8.7;IA5:_xmpp-server.example.net");

  CHECK(names_server(certificate, "example.org", "_xmpp-server"));
  CHECK(names_server(certificate, "example.net", "_xmpp-server"));
  CHECK(!names_server(certificate, "example.net", "_xmpp-client"));
}

TEST_CASE("the common name names no server, and a name written in it is only text") {
  const PeerCertificate certificate = seen("DNS:honest.example", "victim.example,DNS:victim.example");

  CHECK(!names_server(certificate, "victim.example", service));
  CHECK(certificate.common_names == std::vector<std::string>{"victim.example,DNS:victim.example"});
}

TEST_CASE("a name with a NUL or a control character in it is not there") {
  // [2] "good.example" NUL ".evil.example", [2] "line" LF "feed", [2] "good.example.org"
  const auto entry = [](const std::string& name) {
    return "\x82" + std::string(1, static_cast<char>(name.size())) + name;
  };
  const std::string names =
      entry(std::string{"good.example\0.evil.example", 26}) + entry("line\nfeed") + entry("good.example.org");
  const std::string der = "\x30" + std::string(1, static_cast<char>(names.size())) + names;

  const PeerCertificate certificate = seen("DER:" + hex(der));

  CHECK(certificate.dns_names == std::vector<std::string>{"good.example.org"});
  CHECK(!names_server(certificate, "good.example", service));
}

TEST_CASE("an xmppAddr in the wrong kind of string is not there") {
  CHECK(seen("DNS:a.example,otherName:1.3.6.1.5.5.7.8.5;IA5:victim.example").xmpp_addrs.empty());
}

TEST_CASE("the certificate of the quick start serves its domains") {
  const TestDirectory place;
  const std::vector<std::string> domains{"example.org", "chat.example.org"};
  const WallTime now = std::chrono::system_clock::now();

  REQUIRE(make_self_signed(domains, place / "cert.pem", place / "key.pem", now));

  const auto server = context(server_of({place / "cert.pem", place / "key.pem"}), TlsRole::server);
  const CertificateFacts& facts = server->certificates().at(0);
  CHECK(facts.names == domains);
  CHECK(facts.key == "P-256");
  CHECK(facts.self_signed);
  CHECK(facts.days_left(now).count() >= 3650);
  CHECK(facts.not_before < now);
  Talk talk{server, context(trusting_client(), TlsRole::client)};
  REQUIRE(talk.shake_hands());
  CHECK(talk.client.peer().self_signed);
  CHECK(talk.client.peer().xmpp_addrs == domains);
  CHECK(names_server(talk.client.peer(), "chat.example.org", service));
}

TEST_CASE("the key of the quick start is its owner's only, and nothing else is left behind") {
  const TestDirectory place;
  const std::vector<std::string> domains{"example.org"};

  REQUIRE(make_self_signed(domains, place / "cert.pem", place / "key.pem", std::chrono::system_clock::now()));

  struct stat facts{};
  REQUIRE(::stat((place / "key.pem").c_str(), &facts) == 0);
  CHECK((facts.st_mode & 0777) == 0600);
  const std::filesystem::directory_iterator files{place / ""};
  CHECK(std::distance(begin(files), end(files)) == 2);
}

TEST_CASE("names that are no host names, and places that cannot be written, are refused with words") {
  const TestDirectory place;
  const WallTime now = std::chrono::system_clock::now();
  const std::vector<std::string> injected{"example.org,DNS:bank.example"};
  const std::vector<std::string> good{"example.org"};

  const auto odd = make_self_signed(injected, place / "c", place / "k", now);
  const auto none = make_self_signed({}, place / "c", place / "k", now);
  const auto nowhere = make_self_signed(good, place / "missing/c", place / "missing/k", now);

  CHECK(odd.error().contains("not a host name"));
  CHECK(none.error().contains("at least one"));
  CHECK(nowhere.error().contains("check that its directory exists"));
}

TEST_CASE("the hash for the end point follows the signature, but never MD5 or SHA-1") {
  const TestDirectory place;
  const auto size_of_hash = [&](const std::string& digest, KeyKind key) {
    const Issued shown = issue(place, digest, {.key = key, .digest = digest});
    TlsOptions server = server_of(shown);
    TlsOptions client = trusting_client();
    for (TlsOptions* options : {&server, &client}) options->ciphers = "DEFAULT:@SECLEVEL=0";
    Talk talk{context(server, TlsRole::server), context(client, TlsRole::client)};
    REQUIRE(talk.shake_hands());
    CHECK(talk.server.tls_server_end_point() == talk.client.tls_server_end_point());
    return talk.server.tls_server_end_point().size();
  };

  CHECK(size_of_hash("SHA1", KeyKind::p256) == 32);
  CHECK(size_of_hash("SHA256", KeyKind::p256) == 32);
  CHECK(size_of_hash("SHA512", KeyKind::rsa) == 64);
  CHECK(size_of_hash("none", KeyKind::ed25519) == 0);
}
