// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "base/test_directory.h"
#include "net/tls_test_kit.h"

#include <thread>

#include <openssl/ssl.h>

using namespace meerkat;
using namespace meerkat::tls_test;
using Status = TlsSession::Status;

namespace {

struct World {
  TestDirectory place;
  Issued p256 = issue(place, "p256", {.names = "DNS:example.org"});
  Issued rsa = issue(place, "rsa", {.names = "DNS:example.org", .key = KeyKind::rsa, .digest = "SHA384"});
  SystemClock clock;

  Talk talk(const TlsOptions& server, const TlsOptions& client = trusting_client()) const {
    return {context(server, TlsRole::server), context(client, TlsRole::client)};
  }
  Talk talk() const { return talk(server_of(p256)); }

  TlsOptions speaking(const std::string& version, const Issued& shown) const {
    TlsOptions options = server_of(shown);
    options.versions = {version};
    return options;
  }
};

// A ticket of a session between the two, saved by the client.
std::string ticket_from(const std::shared_ptr<const TlsContext>& server,
                        const std::shared_ptr<const TlsContext>& client) {
  Talk talk{server, client};
  REQUIRE(talk.shake_hands());
  return talk.client.saved_session();
}

}  // namespace

TEST_CASE("both versions of TLS work with both kinds of certificate") {
  const World world;
  for (const std::string version : {"tlsv1.2", "tlsv1.3"}) {
    for (const Issued& shown : {world.p256, world.rsa}) {
      CAPTURE(version);
      Talk talk = world.talk(world.speaking(version, shown));

      REQUIRE(talk.shake_hands());
      talk.client.send("ping", talk.to_server);
      talk.server.send("pong", talk.to_client);
      talk.carry();

      CHECK(talk.server_heard == "ping");
      CHECK(talk.client_heard == "pong");
      CHECK(talk.server.version() == (version == "tlsv1.2" ? "TLSv1.2" : "TLSv1.3"));
      CHECK(talk.server.cipher() == talk.client.cipher());
    }
  }
}

TEST_CASE("a session that gets one byte at a time hears the same") {
  const World world;
  for (const std::string version : {"tlsv1.2", "tlsv1.3"}) {
    Talk talk = world.talk(world.speaking(version, world.p256));

    REQUIRE(talk.shake_hands(1));
    talk.client.send("first", talk.to_server);
    talk.client.send("second", talk.to_server);
    talk.carry(1);

    CHECK(talk.server_heard == "firstsecond");
  }
}

TEST_CASE("plaintext that comes in one piece with the end of the handshake is heard") {
  const World world;
  for (const std::string version : {"tlsv1.2", "tlsv1.3"}) {
    Talk talk = world.talk(world.speaking(version, world.p256));
    talk.client.start(talk.to_server);
    while (!talk.client.established()) {
      std::string down;
      talk.server.receive(std::exchange(talk.to_server, {}), talk.server_heard, down);
      talk.client.receive(down, talk.client_heard, talk.to_server);
    }

    talk.client.send("early bird", talk.to_server);
    talk.carry();

    CHECK(talk.server_heard == "early bird");
  }
}

TEST_CASE("a megabyte arrives whole, both ways") {
  const World world;
  Talk talk = world.talk();
  REQUIRE(talk.shake_hands());
  std::string large(1 << 20, ' ');
  for (std::size_t i = 0; i < large.size(); ++i) large[i] = static_cast<char>(i * 7 + i / 251);

  talk.client.send(large, talk.to_server);
  talk.server.send(large, talk.to_client);
  talk.carry(65536);

  CHECK(talk.server_heard == large);
  CHECK(talk.client_heard == large);
}

TEST_CASE("both sides export the same 32 bytes, other ones in each session") {
  const World world;
  for (const std::string version : {"tlsv1.2", "tlsv1.3"}) {
    Talk one = world.talk(world.speaking(version, world.p256));
    Talk other = world.talk(world.speaking(version, world.p256));
    CHECK(one.server.tls_exporter().empty());

    REQUIRE(one.shake_hands());
    REQUIRE(other.shake_hands());

    CHECK(one.server.tls_exporter().size() == 32);
    CHECK(one.server.tls_exporter() == one.client.tls_exporter());
    CHECK(one.server.tls_exporter() != other.server.tls_exporter());
  }
}

TEST_CASE("TLS 1.2 without extended master secret exports nothing") {
  const World world;
  Talk talk = world.talk(world.speaking("tlsv1.2", world.p256));
  const auto backward = context(trusting_client(), TlsRole::client);
  SSL_CTX_set_options(backward->native(), SSL_OP_NO_EXTENDED_MASTER_SECRET);
  talk.client = TlsSession{backward};

  REQUIRE(talk.shake_hands());

  CHECK(talk.server.tls_exporter().empty());
  CHECK(!talk.server.tls_server_end_point().empty());
}

TEST_CASE("the end point binding is the hash of the certificate that was shown") {
  const World world;
  TlsOptions both = server_of(world.p256);
  both.domains = {{"example.org", world.p256.certfile, world.p256.keyfile},
                  {"example.org", world.rsa.certfile, world.rsa.keyfile}};
  for (const std::string cipher : {"ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-RSA-AES128-GCM-SHA256"}) {
    TlsOptions picky = trusting_client();
    picky.versions = {"tlsv1.2"};
    picky.ciphers = cipher;
    Talk talk = world.talk(both, picky);
    talk.client.ask_for_server("example.org");

    REQUIRE(talk.shake_hands());

    CHECK(talk.server.cipher() == cipher);
    CHECK(talk.server.tls_server_end_point().size() == (cipher.contains("RSA") ? 48 : 32));
    CHECK(talk.server.tls_server_end_point() == talk.client.tls_server_end_point());
  }
}

TEST_CASE("close_notify tells the other side, which may still finish what it says") {
  const World world;
  Talk talk = world.talk();
  REQUIRE(talk.shake_hands());

  talk.client.send("bye", talk.to_server);
  talk.client.close(talk.to_server);
  talk.carry();

  CHECK(talk.server_heard == "bye");
  CHECK(talk.server.status() == Status::closed);
  CHECK(talk.client.status() == Status::ok);
  CHECK(talk.server.send("good night", talk.to_client) == Status::ok);
  talk.server.close(talk.to_client);
  talk.carry();
  CHECK(talk.client_heard == "good night");
  CHECK(talk.client.status() == Status::closed);
}

TEST_CASE("closing twice says goodbye once, and nothing is sent after it") {
  const World world;
  Talk talk = world.talk();
  REQUIRE(talk.shake_hands());
  talk.client.close(talk.to_server);
  const std::string once = talk.to_server;

  talk.client.close(talk.to_server);

  CHECK(talk.to_server == once);
  CHECK(talk.client.send("too late", talk.to_server) == Status::closed);
  CHECK(talk.to_server == once);
}

TEST_CASE("a session moves to another thread in the middle of a record") {
  const World world;
  Talk talk = world.talk();
  REQUIRE(talk.shake_hands());
  talk.client.send("half here, half there", talk.to_server);
  talk.server.receive(talk.to_server.substr(0, 11), talk.server_heard, talk.to_client);

  std::jthread{[&] {
    TlsSession moved = std::move(talk.server);
    moved.receive(std::string_view{talk.to_server}.substr(11), talk.server_heard, talk.to_client);
    moved.send("and back", talk.to_client);
    talk.server = std::move(moved);
  }}.join();
  talk.to_server.clear();
  talk.carry();

  CHECK(talk.server_heard == "half here, half there");
  CHECK(talk.client_heard == "and back");
}

TEST_CASE("keys are changed in the middle of a conversation") {
  const World world;
  Talk talk = world.talk();
  REQUIRE(talk.shake_hands());

  for (int round = 0; round < 100; ++round) {
    CHECK(talk.client.update_keys(talk.to_server) == Status::ok);
    talk.client.send("x", talk.to_server);
    talk.server.send("y", talk.to_client);
    talk.carry();
  }

  CHECK(talk.server_heard == std::string(100, 'x'));
  CHECK(talk.client_heard == std::string(100, 'y'));
}

TEST_CASE("a ticket written by one worker is taken by another that shares the keys") {
  const World world;
  for (const std::string version : {"tlsv1.2", "tlsv1.3"}) {
    const auto keys = std::make_shared<TlsTicketKeys>(world.clock);
    TlsOptions options = world.speaking(version, world.p256);
    options.session_tickets = true;
    const auto client = context(trusting_client(), TlsRole::client);
    const std::string ticket = ticket_from(context(options, TlsRole::server, keys), client);
    Talk talk{context(options, TlsRole::server, keys), client};

    talk.client.resume_with(ticket);
    REQUIRE(talk.shake_hands());

    CHECK(talk.server.resumed());
    CHECK(talk.client.resumed());
    CHECK(talk.server.tls_exporter() == talk.client.tls_exporter());
    CHECK(talk.server.tls_server_end_point().size() == 32);
    CHECK(talk.server.tls_server_end_point() == talk.client.tls_server_end_point());
  }
}

TEST_CASE("a resumed session binds to the certificate of the first one, whatever is shown now") {
  const World world;
  const auto keys = std::make_shared<TlsTicketKeys>(world.clock);
  TlsOptions before = server_of(world.p256);
  before.session_tickets = true;
  TlsOptions now = server_of(world.rsa);
  now.session_tickets = true;
  const auto client = context(trusting_client(), TlsRole::client);
  std::string ticket = ticket_from(context(before, TlsRole::server, keys), client);

  for (int round = 0; round < 3; ++round) {
    Talk talk{context(now, TlsRole::server, keys), client};
    talk.client.resume_with(ticket);
    REQUIRE(talk.shake_hands());

    CHECK(talk.server.resumed());
    CHECK(talk.server.tls_server_end_point() == talk.client.tls_server_end_point());
    ticket = talk.client.saved_session();
  }
}

TEST_CASE("tickets of other keys, and of a listener that asks for less, lead to a full handshake") {
  const World world;
  const auto keys = std::make_shared<TlsTicketKeys>(world.clock);
  TlsOptions options = server_of(world.p256);
  options.session_tickets = true;
  TlsOptions stricter = options;
  stricter.request_client_certificate = true;
  const auto client = context(trusting_client(), TlsRole::client);
  const std::string ticket = ticket_from(context(options, TlsRole::server, keys), client);

  for (const auto& server : {context(options, TlsRole::server, std::make_shared<TlsTicketKeys>(world.clock)),
                             context(stricter, TlsRole::server, keys)}) {
    Talk talk{server, client};
    talk.client.resume_with(ticket);

    REQUIRE(talk.shake_hands());

    CHECK(!talk.server.resumed());
  }
}

TEST_CASE("ticket keys change with time: old tickets are taken for a while, then no more") {
  const World world;
  TurnableClock clock;
  const auto keys = std::make_shared<TlsTicketKeys>(clock);
  TlsOptions options = server_of(world.p256);
  options.session_tickets = true;
  const auto server = context(options, TlsRole::server, keys);
  const auto client = context(trusting_client(), TlsRole::client);
  const std::string ticket = ticket_from(server, client);
  const auto resumes = [&] {
    Talk talk{server, client};
    talk.client.resume_with(ticket);
    REQUIRE(talk.shake_hands());
    return talk.server.resumed();
  };

  CHECK(resumes());
  clock.advance(TlsTicketKeys::lifetime + std::chrono::hours{1});
  CHECK(resumes());
  clock.advance(TlsTicketKeys::lifetime);
  CHECK(!resumes());
}

TEST_CASE("without the option no ticket is given") {
  const World world;
  for (const std::string version : {"tlsv1.2", "tlsv1.3"}) {
    Talk talk = world.talk(world.speaking(version, world.p256));

    REQUIRE(talk.shake_hands());

    CHECK(talk.client.saved_session().empty());
  }
}
