// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <filesystem>

#include "base/test_directory.h"
#include "streams/test_streams.h"

using namespace meerkat;
using namespace std::chrono_literals;

namespace {

constexpr std::string_view starttls = "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>";

// A server with a certificate that signs itself, in a directory that goes with it.
struct Secured {
  explicit Secured(TlsMode mode, std::size_t workers = 2)
      : server(workers, options(place, mode, workers), PlainWithoutTls::refused) {}

  static C2sOptions options(const TestDirectory& place, TlsMode mode, std::size_t workers) {
    const std::vector<std::string> names{"localhost"};
    TlsOptions tls;
    tls.certfile = place / "a.crt";
    tls.keyfile = place / "a.key";
    tls.verify_mode = TlsOptions::Verify::none;
    REQUIRE(make_self_signed(names, tls.certfile, tls.keyfile, SystemClock{}.wall()).has_value());
    C2sOptions options = StreamServer::without_tls();
    options.tls_mode = mode;
    for (std::size_t i = 0; i < workers; ++i)
      options.tls_contexts.push_back(TlsContext::make(tls, TlsRole::server).value());
    return options;
  }

  const TestDirectory place;
  StreamServer server;
};

// A client behind a TLS session of its own.
struct SecureClient {
  explicit SecureClient(StreamServer& server, std::size_t worker = 0)
      : client(server, worker), session(TlsContext::make(trusting(), TlsRole::client).value()) {}
  static TlsOptions trusting() {
    TlsOptions options;
    options.verify_mode = TlsOptions::Verify::none;
    return options;
  }

  void shakes_hands() {
    std::string wire;
    session.start(wire);
    while (!wire.empty()) {
      client.says(std::exchange(wire, {}));
      std::string plain;
      session.receive(client.heard(), plain, wire);
    }
    REQUIRE(session.established());
  }
  void says(std::string_view text) {
    std::string wire;
    session.send(text, wire);
    client.says(wire);
  }
  std::string heard() {
    std::string plain;
    std::string wire;
    session.receive(client.heard(), plain, wire);
    return plain;
  }

  StreamClient client;
  TlsSession session;
};

}  // namespace

TEST_CASE("where TLS is required nothing else is offered, and nothing else is done") {
  Secured secured{TlsMode::starttls_required};
  StreamClient client{secured.server};
  client.says(stream_header);
  CHECK(ends_with(client.heard(),
                  "<stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/>"
                  "</starttls><limits xmlns='urn:xmpp:stream-limits:0'><max-bytes>16384</max-bytes>"
                  "</limits></stream:features>"));

  client.says(plain_auth("alice"));

  CHECK(client.hears("<policy-violation "));
}

TEST_CASE("who secures the stream first may send a password, and takes TLS along to the home of the account") {
  Secured secured{TlsMode::starttls};
  const std::string user = secured.server.user_at_home_on(1);
  SecureClient alice{secured.server, 0};
  alice.client.says(stream_header);
  CHECK_FALSE(alice.client.hears("<mechanism>PLAIN"));
  alice.client.says(starttls);
  CHECK(alice.client.heard() == "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");

  alice.shakes_hands();
  alice.says(whole_login(user));

  CHECK(contains(alice.heard(), "<jid>" + user + "@localhost/phone</jid>"));
  CHECK(secured.server.halls[1]->sessions.size() == 1);
  alice.says("<message to='" + user + "@localhost/phone' id='1'/>");
  CHECK(contains(alice.heard(), "id='1'"));
}

TEST_CASE("what is sent in the clear behind starttls is forgotten") {
  Secured secured{TlsMode::starttls};
  const std::string user = secured.server.user_at_home_on(0);
  SecureClient alice{secured.server};
  alice.client.says(stream_header);
  alice.client.heard();

  alice.client.says(std::string{starttls} + std::string{stream_header} + plain_auth("eve"));
  CHECK(alice.client.heard() == "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
  alice.shakes_hands();
  CHECK(alice.heard().empty());
  alice.says(whole_login(user));

  CHECK(contains(alice.heard(), "<jid>" + user + "@localhost/phone</jid>"));
}

TEST_CASE("channel binding is offered on a secured stream") {
  Secured secured{TlsMode::tls};
  SecureClient alice{secured.server};
  alice.shakes_hands();

  alice.says(stream_header);

  const std::string heard = alice.heard();
  CHECK(contains(heard, "<mechanism>SCRAM-SHA-1-PLUS</mechanism><mechanism>SCRAM-SHA-1</mechanism>"));
  CHECK(contains(heard, "<channel-binding type='tls-exporter'/>"));
  CHECK_FALSE(contains(heard, "<starttls"));
}

TEST_CASE("a stream cannot be secured twice, nor where there is no TLS") {
  Secured secured{TlsMode::tls};
  SecureClient alice{secured.server};
  alice.shakes_hands();
  alice.says(std::string{stream_header} + std::string{starttls});
  CHECK(contains(alice.heard(), "<failure xmlns='urn:ietf:params:xml:ns:xmpp-tls'/></stream:stream>"));

  StreamServer bare;
  StreamClient bob{bare};
  bob.says(std::string{stream_header} + std::string{starttls});
  CHECK(bob.hears("<failure xmlns='urn:ietf:params:xml:ns:xmpp-tls'/></stream:stream>"));
}

TEST_CASE("who does not finish the handshake in time is closed without a word") {
  Secured secured{TlsMode::tls};
  StreamClient silent{secured.server};

  secured.server.passes(6s);

  CHECK(silent.heard().empty());
  CHECK(silent.is_at_end());
  secured.server.passes(3s);
  CHECK(secured.server.streams() == 0);
}

TEST_CASE("a connection that breaks within the handshake leaves nothing behind") {
  Secured secured{TlsMode::tls};
  for (const std::string_view said : {"", "\x16\x03\x01", "no TLS at all, and long enough to be seen as such"}) {
    StreamClient client{secured.server};
    client.says(said);
    client.hangs_up();
    CHECK(secured.server.streams() == 0);
  }
}
