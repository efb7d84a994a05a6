// SPDX-License-Identifier: Apache-2.0
// What travels through a session that let go of OpenSSL: to a client made of OpenSSL, nothing may be different.
#include <doctest/doctest.h>

#include <random>
#include <utility>

#include <openssl/ssl.h>

#include "net/tls_lean_test_kit.h"

using namespace meerkat;
using namespace meerkat::tls_test;
using Status = TlsSession::Status;

namespace {

struct Counted {
  std::mt19937 random;

  std::string text(std::size_t most) {
    std::string bytes(random() % most + 1, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random());
    return bytes;
  }
};

}  // namespace

TEST_CASE("what a client sends right behind its Finished, key updates too, is heard in any cut") {
  const LeanWorld world;
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

TEST_CASE("keys change on both sides in the middle of everything, with every suite") {
  const LeanWorld world;
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
  const LeanWorld world;
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
  const LeanWorld world;
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
  const LeanWorld world;
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
  const LeanWorld world;
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

TEST_CASE("ten thousand messages of any size arrive in order, in any cut") {
  const LeanWorld world;
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
