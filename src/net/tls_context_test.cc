// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "base/test_directory.h"
#include "net/tls_test_kit.h"

#include <fstream>

using namespace meerkat;
using namespace meerkat::tls_test;
using Verify = TlsOptions::Verify;

namespace {

struct Domains {
  TestDirectory place;
  Issued first = issue(place, "first", {.common_name = "first", .names = "DNS:first.example"});
  Issued second = issue(place, "second", {.common_name = "second", .names = "DNS:second.example"});
  Issued third = issue(place, "third", {.common_name = "third", .names = "DNS:*.third.example"});

  TlsOptions options() const {
    TlsOptions all = server_of(first);
    all.domains = {{"second.example", second.certfile, second.keyfile},
                   {"*.Third.example", third.certfile, third.keyfile}};
    return all;
  }
  std::string shown_to(const std::string& name) const {
    Talk talk{context(options(), TlsRole::server), context(trusting_client(), TlsRole::client)};
    if (!name.empty()) talk.client.ask_for_server(name);
    REQUIRE(talk.shake_hands());
    CHECK(talk.server.server_name() == name);
    CHECK(talk.server.tls_server_end_point() == talk.client.tls_server_end_point());
    return talk.client.peer().common_names.at(0);
  }
};

std::string problem_of(const TlsOptions& options) {
  const auto made = TlsContext::make(options, TlsRole::server);
  return made ? "" : made.error();
}

// A client certificate's way to a server that wants one.
struct Federation {
  TestDirectory place;
  Issued authority = issue(place, "ca", {.common_name = "CA", .is_authority = true});
  Issued shown = issue(place, "server", {.names = "DNS:example.org"}, &authority);
  Issued juliet = issue(
      place, "juliet",
      {.common_name = "Juliet",
       .names = "otherName:1.3.6.1.5.5.7.8.5;UTF8:juliet@example.org,email:j@example.org,URI:xmpp:juliet@example.org"},
      &authority);

  TlsOptions asking() const {
    TlsOptions options = server_of(shown);
    options.verify_mode = Verify::peer;
    options.cacertfile = authority.certfile;
    return options;
  }
  static TlsOptions showing(const Issued& certificate) {
    TlsOptions options = trusting_client();
    options.certfile = certificate.certfile;
    options.keyfile = certificate.keyfile;
    return options;
  }
  Talk talk(const TlsOptions& server, const TlsOptions& client) const {
    Talk talk{context(server, TlsRole::server), context(client, TlsRole::client)};
    talk.shake_hands();
    return talk;
  }
};

}  // namespace

TEST_CASE("the name that the client asks for chooses the certificate") {
  const Domains domains;
  CHECK(domains.shown_to("second.example") == "second");
  CHECK(domains.shown_to("SECOND.example") == "second");
  CHECK(domains.shown_to("chat.third.example") == "third");
}

TEST_CASE("no name and foreign names get the default certificate") {
  const Domains domains;
  CHECK(domains.shown_to("") == "first");
  CHECK(domains.shown_to("elsewhere.example") == "first");
  CHECK(domains.shown_to("a.b.third.example") == "first");
}

TEST_CASE("a certfile may hold two certificates with their chains in any order") {
  const TestDirectory place;
  const Issued authority = issue(place, "ca", {.common_name = "CA", .is_authority = true});
  const Issued between = issue(place, "between", {.common_name = "Between", .is_authority = true}, &authority);
  const Issued rsa = issue(place, "rsa", {.names = "DNS:example.org", .key = KeyKind::rsa}, &between);
  const Issued p256 = issue(place, "p256", {.names = "DNS:example.org"}, &between);
  const Issued all{place / "all.pem", place / "all.key"};
  for (const Issued& part : {between, rsa, p256}) append(all.certfile, part.certfile);
  for (const Issued& part : {rsa, p256}) append(all.keyfile, part.keyfile);
  TlsOptions client = trusting_client();
  client.verify_mode = Verify::peer;
  client.cacertfile = authority.certfile;
  client.versions = {"tlsv1.2"};
  const auto server = context(server_of(all), TlsRole::server);

  CHECK(server->certificates().size() == 2);
  for (const std::string cipher : {"ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-RSA-AES128-GCM-SHA256"}) {
    client.ciphers = cipher;
    Talk talk{server, context(client, TlsRole::client)};
    talk.client.require_server_name("example.org");
    REQUIRE(talk.shake_hands());
    CHECK(talk.client.peer().verified);
  }
}

TEST_CASE("a client that requires a name is not content with another one") {
  const Federation world;
  TlsOptions client = trusting_client();
  client.verify_mode = Verify::peer;
  client.cacertfile = world.authority.certfile;
  Talk talk{context(server_of(world.shown), TlsRole::server), context(client, TlsRole::client)};
  talk.client.require_server_name("example.net");

  CHECK(!talk.shake_hands());

  CHECK(talk.client.failure().contains("hostname mismatch"));
}

TEST_CASE("the protocol that both speak is agreed upon") {
  const Domains domains;
  TlsOptions server = domains.options();
  server.alpn = {"xmpp-client"};
  for (const std::string name : {"first.example", "second.example"}) {
    TlsOptions client = trusting_client();
    client.alpn = {"h2", "xmpp-client"};
    Talk talk{context(server, TlsRole::server), context(client, TlsRole::client)};
    talk.client.ask_for_server(name);

    REQUIRE(talk.shake_hands());

    CHECK(talk.server.alpn() == "xmpp-client");
    CHECK(talk.client.alpn() == "xmpp-client");
  }
}

TEST_CASE("a client that offers only other protocols is sent away, one that offers none is welcome") {
  const Domains domains;
  TlsOptions server = domains.options();
  server.alpn = {"xmpp-client"};
  TlsOptions browser = trusting_client();
  browser.alpn = {"h2", "http/1.1"};
  Talk refused{context(server, TlsRole::server), context(browser, TlsRole::client)};
  Talk silent{context(server, TlsRole::server), context(trusting_client(), TlsRole::client)};

  CHECK(!refused.shake_hands());
  CHECK(silent.shake_hands());

  CHECK(refused.server.failure().contains("ALPN"));
  CHECK(refused.client.failure().contains("no application protocol"));
}

TEST_CASE("a client's certificate is recognised with its addresses") {
  const Federation world;
  for (const std::string version : {"tlsv1.2", "tlsv1.3"}) {
    TlsOptions asking = world.asking();
    asking.versions = {version};

    const Talk talk = world.talk(asking, Federation::showing(world.juliet));

    REQUIRE(talk.server.established());
    const PeerCertificate peer = talk.server.peer();
    CHECK(peer.verified);
    CHECK(peer.xmpp_addrs == std::vector<std::string>{"juliet@example.org"});
    CHECK(peer.emails == std::vector<std::string>{"j@example.org"});
    CHECK(peer.uris == std::vector<std::string>{"xmpp:juliet@example.org"});
    CHECK(peer.common_names == std::vector<std::string>{"Juliet"});
    CHECK(peer.sha256_fingerprint.size() == 64);
  }
}

TEST_CASE("a client without a certificate is refused where one is required") {
  const Federation world;

  const Talk talk = world.talk(world.asking(), trusting_client());

  CHECK(talk.server.status() == TlsSession::Status::failed);
  CHECK(talk.server.failure().contains("no certificate"));
  CHECK(talk.client.status() == TlsSession::Status::failed);
}

TEST_CASE("without disconnect_on_failure the handshake goes on and the problem is told") {
  const Federation world;
  TlsOptions lenient = world.asking();
  lenient.disconnect_on_failure = false;
  const Issued stranger = issue(world.place, "stranger", {.names = "DNS:stranger.example"});
  const Issued late = issue(world.place, "late", {.days = -1}, &world.authority);

  const Talk none = world.talk(lenient, trusting_client());
  const Talk unknown = world.talk(lenient, Federation::showing(stranger));
  const Talk expired = world.talk(lenient, Federation::showing(late));

  REQUIRE(none.server.established());
  REQUIRE(unknown.server.established());
  REQUIRE(expired.server.established());
  CHECK(!none.server.peer().present);
  CHECK(!none.server.peer().verified);
  CHECK(!unknown.server.peer().verified);
  CHECK(unknown.server.peer().self_signed);
  CHECK(!expired.server.peer().verified);
  CHECK(!expired.server.peer().self_signed);
  CHECK(expired.server.peer().problem.contains("expired"));
}

TEST_CASE("a certificate that signed itself is refused, unless the mode is selfsigned_peer") {
  const Federation world;
  const Issued own = issue(world.place, "own", {.names = "DNS:own.example"});
  const Issued old = issue(world.place, "old", {.names = "DNS:own.example", .days = -1});
  const Issued other_ca = issue(world.place, "other-ca", {.common_name = "Other CA", .is_authority = true});
  const Issued foreign = issue(world.place, "foreign", {}, &other_ca);
  TlsOptions mild = world.asking();
  mild.verify_mode = Verify::selfsigned_peer;

  CHECK(!world.talk(world.asking(), Federation::showing(own)).server.established());
  const Talk accepted = world.talk(mild, Federation::showing(own));
  CHECK(!world.talk(mild, Federation::showing(old)).server.established());
  CHECK(!world.talk(mild, Federation::showing(foreign)).server.established());

  REQUIRE(accepted.server.established());
  CHECK(accepted.server.peer().self_signed);
  CHECK(!accepted.server.peer().verified);
}

TEST_CASE("a certificate for servers serves a connecting server only where any purpose will do") {
  const Federation world;
  const Issued server_only =
      issue(world.place, "s2s", {.names = "DNS:peer.example", .usage = "serverAuth"}, &world.authority);
  TlsOptions federating = world.asking();
  federating.purpose = TlsOptions::Purpose::any;

  CHECK(!world.talk(world.asking(), Federation::showing(server_only)).server.established());
  const Talk talk = world.talk(federating, Federation::showing(server_only));

  REQUIRE(talk.server.established());
  CHECK(talk.server.peer().verified);
}

TEST_CASE("a revoked certificate is refused") {
  const Federation world;
  TlsOptions careful = world.asking();
  careful.crl_files = {revoke(world.place, "list", world.authority, world.juliet)};
  const Issued romeo = issue(world.place, "romeo", {}, &world.authority);

  const Talk revoked = world.talk(careful, Federation::showing(world.juliet));
  const Talk good = world.talk(careful, Federation::showing(romeo));

  CHECK(!revoked.server.established());
  CHECK(revoked.server.failure().contains("revoked"));
  CHECK(good.server.established());
}

TEST_CASE("nobody is asked for a certificate with verify_mode none, unless EXTERNAL wants one") {
  const Federation world;
  TlsOptions wanting = server_of(world.shown);
  wanting.request_client_certificate = true;

  const Talk plain = world.talk(server_of(world.shown), Federation::showing(world.juliet));
  const Talk asked = world.talk(wanting, Federation::showing(world.juliet));
  const Talk silent = world.talk(wanting, trusting_client());

  CHECK(!plain.server.peer().present);
  CHECK(asked.server.peer().present);
  CHECK(silent.server.established());
}

TEST_CASE("a context that cannot be made says what to do") {
  const Domains domains;
  TlsOptions options = domains.options();

  options.keyfile.clear();
  CHECK(problem_of(options).contains("without a keyfile"));
  options.keyfile = domains.second.keyfile;
  CHECK(problem_of(options).contains("belongs to no certificate"));
  options.keyfile = domains.place / "nowhere.key";
  CHECK(problem_of(options).contains("cannot read"));
  options.keyfile = domains.first.certfile;
  CHECK(problem_of(options).contains("holds no private key"));
  options = domains.options();
  options.versions = {"tlsv1.1"};
  CHECK(problem_of(options).contains("tlsv1.3"));
  options = domains.options();
  options.ciphers = "NO-SUCH-CIPHER";
  CHECK(problem_of(options).contains("openssl ciphers"));
  CHECK(problem_of(TlsOptions{}).contains("needs a certificate"));
}

TEST_CASE("an encrypted key opens with its password only, and nobody is asked at a terminal") {
  const TestDirectory place;
  const Issued sealed = encrypt_key(place, issue(place, "plain", {}), "open sesame");
  TlsOptions options = server_of(sealed);

  CHECK(problem_of(options).contains("set the option password"));
  options.password = "guess";
  CHECK(problem_of(options).contains("check the option password"));
  options.password = "open sesame";
  CHECK(problem_of(options).empty());
}

TEST_CASE("damaged certificates are told, not shown") {
  const TestDirectory place;
  const Issued good = issue(place, "good", {});
  std::ofstream{place / "bad.pem"} << "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";

  CHECK(problem_of(server_of({place / "bad.pem", good.keyfile})).contains("is damaged"));
}
