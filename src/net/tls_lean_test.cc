// SPDX-License-Identifier: Apache-2.0
// Sessions that let go of OpenSSL after the handshake: which do, and what they still know.
#include <doctest/doctest.h>
#include <malloc.h>

#include <thread>
#include <utility>

#include <openssl/ssl.h>

#include "net/tls_lean_test_kit.h"

using namespace meerkat;
using namespace meerkat::tls_test;

TEST_CASE("lean or not, every suite says and hears the same") {
  const LeanWorld world;
  for (const std::string& suite : all_suites) {
    for (const bool lean : {true, false}) {
      for (const std::size_t step : {1, 7, 1 << 20}) {
        CAPTURE(suite);
        CAPTURE(lean);
        CAPTURE(step);
        Talk talk = world.talk(lean, suite);
        REQUIRE(talk.shake_hands(step));
        talk.client.send("first", talk.to_server);
        talk.client.send("second", talk.to_server);
        talk.server.send("third", talk.to_client);
        talk.carry(step);

        CHECK(talk.server.lean() == lean);
        CHECK(talk.server_heard == "firstsecond");
        CHECK(talk.client_heard == "third");
        CHECK(talk.server.cipher() == suite);
        CHECK(talk.server.version() == "TLSv1.3");
        CHECK(talk.server.tls_exporter() == talk.client.tls_exporter());
        CHECK(talk.server.tls_server_end_point() == talk.client.tls_server_end_point());
        CHECK(!talk.server.peer().present);
        CHECK(talk.server.peer().problem == "no certificate was shown");
        CHECK(!talk.client.saved_session().empty());
      }
    }
  }
}

TEST_CASE("TLS 1.2 and clients stay with OpenSSL") {
  const LeanWorld world;
  TlsOptions old = world.server();
  old.versions = {"tlsv1.2"};
  Talk talk{context(old, TlsRole::server), context(trusting_client(), TlsRole::client)};

  REQUIRE(talk.shake_hands());
  talk.client.send("old", talk.to_server);
  talk.carry();

  CHECK(!talk.server.lean());
  CHECK(!talk.client.lean());
  CHECK(talk.server_heard == "old");
}

TEST_CASE("a session whose secrets were not told stays with OpenSSL") {
  const LeanWorld world;
  const auto server = world.with_tickets();
  SSL_CTX_set_keylog_callback(server->native(), nullptr);
  Talk talk{server, context(trusting_client(), TlsRole::client)};

  REQUIRE(talk.shake_hands());
  talk.client.send("still here", talk.to_server);
  talk.carry();

  CHECK(!talk.server.lean());
  CHECK(talk.server_heard == "still here");
}

TEST_CASE("a handshake after HelloRetryRequest goes lean as well") {
  const LeanWorld world;
  const auto client = context(trusting_client(), TlsRole::client);
  SSL_CTX_set1_groups_list(client->native(), "P-521:P-256");
  Talk talk{world.with_tickets(), client};

  REQUIRE(talk.shake_hands());
  talk.client.send("once more", talk.to_server);
  talk.server.send("with feeling", talk.to_client);
  talk.carry();

  CHECK(talk.server.lean());
  CHECK(talk.server_heard == "once more");
  CHECK(talk.client_heard == "with feeling");
}

TEST_CASE("several tickets before the first data do not confuse the numbers") {
  const LeanWorld world;
  for (const std::size_t tickets : {0, 1, 2, 5}) {
    const auto server = world.with_tickets();
    SSL_CTX_set_num_tickets(server->native(), tickets);
    Talk talk{server, context(trusting_client(), TlsRole::client)};

    REQUIRE(talk.shake_hands());
    talk.server.send("after them", talk.to_client);
    talk.carry();

    CHECK(talk.server.lean());
    CHECK(talk.client_heard == "after them");
  }
}

TEST_CASE("resumed sessions are lean, bind to the first certificate, and give tickets again") {
  const LeanWorld world;
  const auto server = world.with_tickets();
  const auto client = context(trusting_client(), TlsRole::client);
  std::string ticket;
  std::string end_point;
  for (int round = 0; round < 4; ++round) {
    Talk talk{server, client};
    if (!ticket.empty()) talk.client.resume_with(ticket);
    REQUIRE(talk.shake_hands());
    talk.server.send("data", talk.to_client);
    talk.carry();

    CHECK(talk.server.lean());
    CHECK(talk.server.resumed() == (round > 0));
    CHECK(talk.client.resumed() == (round > 0));
    CHECK(talk.client_heard == "data");
    CHECK(talk.server.tls_exporter() == talk.client.tls_exporter());
    CHECK(talk.server.tls_server_end_point() == talk.client.tls_server_end_point());
    if (round > 0) CHECK(talk.server.tls_server_end_point() == end_point);
    end_point = talk.server.tls_server_end_point();
    ticket = talk.client.saved_session();
  }
}

TEST_CASE("names, protocols and client certificates are remembered without OpenSSL") {
  const LeanWorld world;
  TlsOptions asking = world.server();
  asking.cacertfile = world.authority.certfile;
  asking.verify_mode = TlsOptions::Verify::peer;
  TlsOptions showing = trusting_client();
  showing.certfile = world.person.certfile;
  showing.keyfile = world.person.keyfile;
  showing.alpn = {"xmpp-client"};
  Talk talk{context(asking, TlsRole::server), context(showing, TlsRole::client)};
  talk.client.ask_for_server("example.net");

  REQUIRE(talk.shake_hands());

  CHECK(talk.server.lean());
  CHECK(talk.server.server_name() == "example.net");
  CHECK(talk.server.alpn() == "xmpp-client");
  CHECK(talk.server.peer().present);
  CHECK(talk.server.peer().verified);
  CHECK(talk.server.peer().emails == std::vector<std::string>{"juliet@example.org"});
  CHECK(talk.server.tls_server_end_point().size() == 48);
  CHECK(talk.server.tls_server_end_point() == talk.client.tls_server_end_point());
}

TEST_CASE("lean sessions of all suites take turns on threads that come and go") {
  const LeanWorld world;
  std::vector<Talk> talks;
  for (const std::string& suite : all_suites) {
    for (int i = 0; i < 3; ++i) {
      talks.push_back(world.talk(true, suite));
      REQUIRE(talks.back().shake_hands());
    }
  }
  for (int round = 0; round < 10; ++round) {
    std::vector<std::jthread> threads;
    for (std::size_t first = 0; first < 3; ++first) {
      threads.emplace_back([&, first] {
        for (std::size_t at = first; at < talks.size(); at += 3) {
          Talk& talk = talks[(at + static_cast<std::size_t>(round)) % talks.size()];
          TlsSession moved = std::move(talk.server);
          talk.client.send("ping", talk.to_server);
          moved.receive(std::exchange(talk.to_server, {}), talk.server_heard, talk.to_client);
          moved.send("pong", talk.to_client);
          talk.server = std::move(moved);
          talk.carry();
        }
      });
    }
  }
  for (const Talk& talk : talks) {
    CHECK(talk.server_heard.size() == 40);
    CHECK(talk.client_heard.size() == 40);
  }
}

#if !__has_feature(address_sanitizer) && !__has_feature(thread_sanitizer)
std::size_t idle_bytes(const LeanWorld& world, bool lean) {
  const auto server = world.with_tickets(lean);
  const auto client = context(trusting_client(), TlsRole::client);
  constexpr std::size_t count = 500;
  std::vector<TlsSession> idle;
  idle.reserve(count);
  const auto add_one = [&] {
    Talk talk{server, client};
    talk.client.ask_for_server("example.org");
    REQUIRE(talk.shake_hands());
    talk.client.send("a stanza", talk.to_server);
    talk.server.send("an answer", talk.to_client);
    talk.carry();
    idle.push_back(std::move(talk.server));
  };
  add_one();  // what is made once for all
  const std::size_t before = mallinfo2().uordblks;

  for (std::size_t i = 1; i < count; ++i) add_one();

  return (mallinfo2().uordblks - before) / (count - 1) + sizeof(TlsSession);
}

TEST_CASE("an idle lean session holds less than 600 bytes, one of OpenSSL less than 16 KB") {
  const LeanWorld world;

  const std::size_t lean = idle_bytes(world, true);
  const std::size_t with_openssl = idle_bytes(world, false);

  MESSAGE("bytes per idle session: ", lean, " lean, ", with_openssl, " with OpenSSL");
  CHECK(lean < 600);
  CHECK(with_openssl < 16 * 1024);
}
#endif
