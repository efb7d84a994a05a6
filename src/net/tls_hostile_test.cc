// SPDX-License-Identifier: Apache-2.0
// What peers do that wish us ill, or do not speak TLS at all: each must end in words and an alert, never in a crash.
#include <doctest/doctest.h>

#include "base/random.h"
#include "base/test_directory.h"
#include "net/tls_error.h"
#include "net/tls_test_kit.h"

#include <openssl/ssl.h>

using namespace meerkat;
using namespace meerkat::tls_test;
using Status = TlsSession::Status;

namespace {

struct World {
  TestDirectory place;
  Issued shown = issue(place, "server", {.names = "DNS:example.org"});
  std::shared_ptr<const TlsContext> server = context(server_of(shown), TlsRole::server);
  std::shared_ptr<const TlsContext> client = context(trusting_client(), TlsRole::client);

  Talk talk() const { return {server, client}; }
};

bool is_alert(const std::string& record) { return record.size() == 7 && record[0] == 21; }

bool is_encrypted(const std::string& record) { return !record.empty() && record[0] == 23; }

std::string drain(BIO* bytes) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bytes, &data);
  std::string all{data, static_cast<std::size_t>(size)};
  BIO_reset(bytes);
  return all;
}

// A change_cipher_spec record, which TLS 1.3 has everybody ignore.
const std::string empty_gesture{"\x14\x03\x03\x00\x01\x01", 6};

}  // namespace

TEST_CASE("what is not TLS is refused with words") {
  const World world;
  const std::string sslv2_hello{"\x80\x2e\x01\x03\x01\x00\x15\x00\x00\x00\x10", 11};
  for (const std::string& said :
       {std::string{"GET / HTTP/1.1\r\nHost: example.org\r\n\r\n"}, std::string{"<stream:stream to='example.org'>"},
        std::string(100, '\0'), std::string(100000, '\xff'), sslv2_hello, std::string{"\x16\x03\x01\xff\xff", 5}}) {
    TlsSession session{world.server};
    std::string plain;
    std::string out;

    CHECK(session.receive(said, plain, out) == Status::failed);

    CHECK(!session.failure().empty());
    CHECK(plain.empty());
    CHECK(session.receive("more", plain, out) == Status::failed);
  }
}

TEST_CASE("a wrong message in a true record gets an alert") {
  const World world;
  TlsSession session{world.server};
  std::string plain;
  std::string out;

  session.receive({"\x16\x03\x01\x00\x04\x02\x00\x00\x00", 9}, plain, out);

  CHECK(session.status() == Status::failed);
  CHECK(is_alert(out));
}

TEST_CASE("garbage in the shape of records is refused") {
  const World world;
  for (int round = 0; round < 300; ++round) {
    std::string record = random_bytes(5 + random_u64() % 200);
    record[0] = static_cast<char>(20 + random_u64() % 4);
    record[1] = 3;
    record[2] = static_cast<char>(random_u64() % 5);
    record[3] = 0;
    record[4] = static_cast<char>(record.size() - 5);
    TlsSession session{world.server};
    std::string plain;
    std::string out;

    session.receive(record + record + record, plain, out);

    CHECK(!session.established());
    CHECK(plain.empty());
  }
}

TEST_CASE("a hello with any one byte changed does no harm") {
  const World world;
  TlsSession client{world.client};
  std::string hello;
  client.start(hello);
  for (std::size_t at = 0; at < hello.size(); ++at) {
    std::string changed = hello;
    changed[at] = static_cast<char>(changed[at] ^ (1 << at % 8));
    TlsSession session{world.server};
    std::string plain;
    std::string out;

    session.receive(changed, plain, out);

    CHECK(!session.established());
    CHECK(plain.empty());
  }
}

TEST_CASE("a stanza with any one bit changed is not heard, and an alert tells") {
  const World world;
  for (std::size_t at = 0; at < 30; ++at) {
    Talk talk = world.talk();
    REQUIRE(talk.shake_hands());
    talk.client.send("attack at dawn", talk.to_server);
    talk.to_server[at] = static_cast<char>(talk.to_server[at] ^ 1);
    std::string answer;

    const Status status = talk.server.receive(talk.to_server, talk.server_heard, answer);

    CHECK(talk.server_heard.empty());
    CHECK((status == Status::failed || at == 3 || at == 4));  // a longer record is still awaited
    if (status == Status::failed) CHECK(is_encrypted(answer));
  }
}

TEST_CASE("a record heard twice ends the session") {
  const World world;
  Talk talk = world.talk();
  REQUIRE(talk.shake_hands());
  talk.client.send("pay 10", talk.to_server);

  const Status status = talk.server.receive(talk.to_server + talk.to_server, talk.server_heard, talk.to_client);

  CHECK(status == Status::failed);
  CHECK(talk.server_heard == "pay 10");
}

TEST_CASE("of a truncated record nothing is heard, and the session is not taken for closed") {
  const World world;
  Talk talk = world.talk();
  REQUIRE(talk.shake_hands());
  talk.client.send("a stanza that is cut off", talk.to_server);
  talk.to_server.pop_back();

  const Status status = talk.server.receive(talk.to_server, talk.server_heard, talk.to_client);

  CHECK(status == Status::ok);
  CHECK(talk.server_heard.empty());
}

TEST_CASE("a handshake cut off anywhere establishes nothing") {
  const World world;
  Talk whole = world.talk();
  whole.client.start(whole.to_server);
  for (std::size_t length = 0; length < whole.to_server.size(); ++length) {
    TlsSession session{world.server};
    std::string plain;
    std::string out;

    CHECK(session.receive(whole.to_server.substr(0, length), plain, out) == Status::ok);

    CHECK(!session.established());
    CHECK(out.empty());
  }
}

TEST_CASE("a flood of key updates ends the session") {
  const World world;
  Talk talk = world.talk();
  REQUIRE(talk.shake_hands());

  int updates = 0;
  while (talk.server.status() == Status::ok && updates < 100) {
    talk.client.update_keys(talk.to_server);
    talk.carry();
    ++updates;
  }

  CHECK(updates == 33);
  CHECK(talk.server.failure().contains("too many"));
  CHECK(talk.client.status() == Status::closed);
}

TEST_CASE("a flood of empty gestures during the handshake ends it") {
  const World world;
  Talk talk = world.talk();
  talk.client.start(talk.to_server);
  talk.server.receive(talk.to_server, talk.server_heard, talk.to_client);

  for (int i = 0; i < 100; ++i) talk.server.receive(empty_gesture, talk.server_heard, talk.to_client);

  CHECK(talk.server.status() == Status::failed);
}

TEST_CASE("TLS 1.2 is not negotiated anew, and the conversation goes on") {
  const World world;
  TlsOptions options = server_of(world.shown);
  options.versions = {"tlsv1.2"};
  TlsSession server{context(options, TlsRole::server)};
  const SslHandle insistent{SSL_new(world.client->native())};
  BIO* in = BIO_new(BIO_s_mem());
  BIO* sent = BIO_new(BIO_s_mem());
  SSL_set_bio(insistent.get(), in, sent);
  SSL_set_connect_state(insistent.get());
  SSL_clear_options(insistent.get(), SSL_OP_NO_RENEGOTIATION);
  std::string plain;
  std::string out;
  const auto carry = [&] {
    server.receive(drain(sent), plain, out);
    BIO_write(in, out.data(), static_cast<int>(out.size()));
    out.clear();
  };
  for (int i = 0; i < 3; ++i) {
    SSL_do_handshake(insistent.get());
    carry();
  }
  REQUIRE(server.established());

  REQUIRE(SSL_renegotiate(insistent.get()) == 1);
  SSL_do_handshake(insistent.get());
  carry();

  CHECK(SSL_do_handshake(insistent.get()) != 1);
  CHECK(take_tls_error().contains("no renegotiation"));
  CHECK(server.status() == Status::ok);
}

TEST_CASE("TLS 1.1 is refused with words") {
  const World world;
  const auto old = context(trusting_client(), TlsRole::client);
  SSL_CTX_set_min_proto_version(old->native(), TLS1_1_VERSION);
  SSL_CTX_set_max_proto_version(old->native(), TLS1_1_VERSION);
  SSL_CTX_set_cipher_list(old->native(), "DEFAULT:@SECLEVEL=0");
  Talk talk{world.server, old};

  CHECK(!talk.shake_hands());

  CHECK(talk.server.failure().contains("no common TLS version"));
}

TEST_CASE("a huge client certificate is refused before it is read whole") {
  const World world;
  const Issued huge = issue(world.place, "huge", {.padding = 60000});
  TlsOptions asking = server_of(world.shown);
  asking.request_client_certificate = true;
  TlsOptions showing = trusting_client();
  showing.certfile = huge.certfile;
  showing.keyfile = huge.keyfile;
  Talk talk{context(asking, TlsRole::server), context(showing, TlsRole::client)};

  talk.shake_hands();

  CHECK(!talk.server.established());
  CHECK(talk.server.failure().contains("too large"));
}

TEST_CASE("a session that is dropped in the middle of anything leaves nothing behind") {
  const World world;
  for (std::size_t length : {0, 3, 5, 100}) {
    Talk talk = world.talk();
    talk.client.start(talk.to_server);
    talk.server.receive(talk.to_server.substr(0, length), talk.server_heard, talk.to_client);
  }
  Talk talk = world.talk();
  REQUIRE(talk.shake_hands());
  talk.client.send(std::string(50000, 'x'), talk.to_server);
  talk.server.receive(talk.to_server.substr(0, 40000), talk.server_heard, talk.to_client);
  CHECK(talk.server_heard.size() == 32768);
}
