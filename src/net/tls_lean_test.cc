// SPDX-License-Identifier: Apache-2.0
// Sessions that let go of OpenSSL after the handshake: to a client made of OpenSSL, nothing may be different.
// long on purpose: all that this promise means, in one place
#include <doctest/doctest.h>

#include "base/test_directory.h"
#include "net/tls_test_kit.h"

#include <malloc.h>

#include <random>
#include <thread>
#include <utility>

#include <openssl/ssl.h>

using namespace meerkat;
using namespace meerkat::tls_test;
using Status = TlsSession::Status;

namespace {

const std::vector<std::string> all_suites{"TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384",
                                          "TLS_CHACHA20_POLY1305_SHA256"};

struct World {
  TestDirectory place;
  Issued authority = issue(place, "authority", {.common_name = "authority", .is_authority = true});
  Issued shown = issue(place, "server", {.names = "DNS:example.org"}, &authority);
  Issued other = issue(place, "other", {.names = "DNS:example.net", .key = KeyKind::rsa, .digest = "SHA384"});
  Issued person = issue(place, "person", {.names = "email:juliet@example.org"}, &authority);
  SystemClock clock;

  TlsOptions server(bool lean = true, const std::string& suite = {}) const {
    TlsOptions options = server_of(shown);
    options.lean_records = lean;
    options.ciphers = suite;
    options.alpn = {"xmpp-client"};
    options.domains = {{"example.net", other.certfile, other.keyfile}};
    return options;
  }
  std::shared_ptr<const TlsContext> with_tickets(bool lean = true, const std::string& suite = {}) const {
    TlsOptions options = server(lean, suite);
    options.session_tickets = true;
    return context(options, TlsRole::server, std::make_shared<TlsTicketKeys>(clock));
  }
  Talk talk(bool lean = true, const std::string& suite = {}) const {
    return {with_tickets(lean, suite), context(trusting_client(), TlsRole::client)};
  }
};

struct Counted {
  std::mt19937 random;

  std::string text(std::size_t most) {
    std::string bytes(random() % most + 1, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random());
    return bytes;
  }
};

}  // namespace

TEST_CASE("lean or not, every suite says and hears the same") {
  const World world;
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
  const World world;
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
  const World world;
  const auto server = world.with_tickets();
  SSL_CTX_set_keylog_callback(server->native(), nullptr);
  Talk talk{server, context(trusting_client(), TlsRole::client)};

  REQUIRE(talk.shake_hands());
  talk.client.send("still here", talk.to_server);
  talk.carry();

  CHECK(!talk.server.lean());
  CHECK(talk.server_heard == "still here");
}

TEST_CASE("what a client sends right behind its Finished, key updates too, is heard in any cut") {
  const World world;
  for (const std::size_t step : {1, 3, 100, 1 << 20}) {
    Talk talk = world.talk();
    talk.client.start(talk.to_server);
    talk.server.receive(std::exchange(talk.to_server, {}), talk.server_heard, talk.to_client);
    talk.client.receive(std::exchange(talk.to_client, {}), talk.client_heard, talk.to_server);
    REQUIRE(talk.client.established());
    talk.client.send("early ", talk.to_server);
    talk.client.update_keys(talk.to_server);
    talk.client.send("bird", talk.to_server);

    talk.carry(step);
    talk.server.send("worm", talk.to_client);
    talk.carry(step);

    CHECK(talk.server.lean());
    CHECK(talk.server_heard == "early bird");
    CHECK(talk.client_heard == "worm");
  }
}

TEST_CASE("a handshake after HelloRetryRequest goes lean as well") {
  const World world;
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
  const World world;
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
  const World world;
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
  const World world;
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

TEST_CASE("keys change on both sides in the middle of everything, with every suite") {
  const World world;
  for (const std::string& suite : all_suites) {
    Talk talk = world.talk(true, suite);
    REQUIRE(talk.shake_hands());
    Counted counted{std::mt19937{7}};
    std::string up;
    std::string down;
    for (int round = 0; round < 300; ++round) {
      const auto what = counted.random();
      if (what % 3 == 0) talk.client.update_keys(talk.to_server);
      if (what % 5 == 0) talk.server.update_keys(talk.to_client);
      const std::string said = counted.text(300);
      const std::string answered = counted.text(300);
      REQUIRE(talk.client.send(said, talk.to_server) == Status::ok);
      REQUIRE(talk.server.send(answered, talk.to_client) == Status::ok);
      up += said;
      down += answered;
      if (what % 2 == 0) talk.carry(what % 50 + 1);
    }
    talk.carry();

    CHECK(talk.server_heard == up);
    CHECK(talk.client_heard == down);
    CHECK(talk.server.status() == Status::ok);
    CHECK(talk.client.status() == Status::ok);
  }
}

TEST_CASE("a client that changes its key without asking for ours is followed") {
  const World world;
  TlsSession server{world.with_tickets()};
  const auto client = context(trusting_client(), TlsRole::client);
  const SslHandle ssl{SSL_new(client->native())};
  BIO* in = BIO_new(BIO_s_mem());
  BIO* sent = BIO_new(BIO_s_mem());
  SSL_set_bio(ssl.get(), in, sent);
  SSL_set_connect_state(ssl.get());
  SSL_set_block_padding(ssl.get(), 512);
  std::string plain;
  std::string out;
  const auto carry = [&] {
    char* data = nullptr;
    const long size = BIO_get_mem_data(sent, &data);
    server.receive({data, static_cast<std::size_t>(size)}, plain, out);
    BIO_reset(sent);
    BIO_write(in, out.data(), static_cast<int>(out.size()));
    out.clear();
  };
  for (int i = 0; i < 3; ++i) {
    SSL_do_handshake(ssl.get());
    carry();
  }
  REQUIRE(server.lean());

  for (int i = 0; i < 50; ++i) {
    REQUIRE(SSL_key_update(ssl.get(), i % 2 == 0 ? SSL_KEY_UPDATE_NOT_REQUESTED : SSL_KEY_UPDATE_REQUESTED) == 1);
    REQUIRE(SSL_write(ssl.get(), "padded", 6) == 6);
    carry();
    server.send("answer", out);
    carry();
    std::string answer(10, '\0');
    REQUIRE(SSL_read(ssl.get(), answer.data(), 10) == 6);
  }

  CHECK(plain.size() == 300);
  CHECK(server.status() == Status::ok);
}

TEST_CASE("an alert of the client ends a lean session with words") {
  const World world;
  Talk talk = world.talk();
  REQUIRE(talk.shake_hands());
  talk.server.send("to be damaged", talk.to_client);
  talk.to_client.back() = static_cast<char>(talk.to_client.back() ^ 1);

  talk.carry();

  CHECK(talk.client.status() == Status::failed);
  CHECK(talk.server.status() == Status::failed);
  CHECK(talk.server.failure() == "TLS: the other side says: bad record mac");
}

TEST_CASE("the client understands why a lean session refused it") {
  const World world;
  for (const auto& [at, words] :
       {std::pair<std::size_t, std::string>{20, "bad record mac"}, {0, "unexpected message"}, {3, "record overflow"}}) {
    Talk talk = world.talk();
    REQUIRE(talk.shake_hands());
    talk.client.send("to be damaged", talk.to_server);
    talk.to_server[at] = static_cast<char>(talk.to_server[at] ^ 0x41);

    talk.carry();

    CHECK(talk.server.status() == Status::failed);
    CHECK(talk.server_heard.empty());
    CHECK(talk.client.failure().contains(words));
  }
}

TEST_CASE("empty records are taken, but not for ever") {
  const World world;
  Talk talk = world.talk();
  REQUIRE(talk.shake_hands());
  for (int i = 0; i < 100; ++i) {
    for (int updates = 0; updates < 30; ++updates) talk.client.update_keys(talk.to_server);
    talk.client.send("x", talk.to_server);
  }
  talk.carry();
  CHECK(talk.server_heard == std::string(100, 'x'));

  for (int i = 0; i < 33; ++i) talk.client.update_keys(talk.to_server);
  talk.carry();

  CHECK(talk.server.status() == Status::failed);
  CHECK(talk.client.status() == Status::closed);
}

TEST_CASE("lean sessions of all suites take turns on threads that come and go") {
  const World world;
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

TEST_CASE("ten thousand messages of any size arrive in order, in any cut") {
  const World world;
  Talk talk = world.talk();
  REQUIRE(talk.shake_hands());
  Counted counted{std::mt19937{20260101}};
  std::string up;
  std::string down;
  for (int i = 0; i < 10000; ++i) {
    const std::size_t most = i % 100 == 0 ? 40000 : 600;
    const std::string said = counted.text(most);
    const bool to_server = counted.random() % 2 == 0;
    (to_server ? up : down) += said;
    if (to_server) talk.client.send(said, talk.to_server);
    if (!to_server) talk.server.send(said, talk.to_client);
    if (counted.random() % 8 == 0) talk.carry(counted.random() % 5000 + 20);
  }
  talk.carry();

  CHECK(talk.server_heard == up);
  CHECK(talk.client_heard == down);
}

#if !__has_feature(address_sanitizer) && !__has_feature(thread_sanitizer)
std::size_t idle_bytes(const World& world, bool lean) {
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
  const World world;

  const std::size_t lean = idle_bytes(world, true);
  const std::size_t with_openssl = idle_bytes(world, false);

  MESSAGE("bytes per idle session: ", lean, " lean, ", with_openssl, " with OpenSSL");
  CHECK(lean < 600);
  CHECK(with_openssl < 16 * 1024);
}
#endif
