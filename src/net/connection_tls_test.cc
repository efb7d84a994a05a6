// SPDX-License-Identifier: Apache-2.0
// The promises of a connection, with TLS.
#include "base/test_directory.h"
#include "net/connection_test_kit.h"
#include "net/tls_test_kit.h"

using namespace meerkat;

namespace {

// A scene whose peer speaks TLS to the connection.
struct SecureScene : Scene {
  SecureScene() : session(tls_test::context(tls_test::trusting_client(), TlsRole::client)) {
    const std::vector<std::string> names{"localhost"};
    REQUIRE(make_self_signed(names, place / "a.crt", place / "a.key", clock.wall()).has_value());
    const tls_test::Issued issued{.certfile = place / "a.crt", .keyfile = place / "a.key"};
    connection->start_tls(tls_test::context(tls_test::server_of(issued), TlsRole::server));
  }
  // The client's side of the handshake up to its last flight, which is not sent yet.
  std::string last_flight() {
    std::string wire;
    session.start(wire);
    peer_says(wire);
    wire.clear();
    turn();
    session.receive(peer_reads(), opened, wire);
    return wire;
  }
  void shake_hands() {
    peer_says(last_flight());
    turn();
    open(peer_reads());
    REQUIRE(ear.times_secured == 1);
  }
  std::string sealed(std::string_view text) {
    std::string wire;
    session.send(text, wire);
    return wire;
  }
  void open(std::string_view wire) {
    std::string answer;
    status = session.receive(wire, opened, answer);
  }

  TestDirectory place;
  TlsSession session;
  std::string opened;  // what the client has heard
  TlsSession::Status status = TlsSession::Status::ok;
};

}  // namespace

TEST_CASE("TLS: what comes in one flight with the end of the handshake is heard") {
  SecureScene scene;

  const std::string wire = scene.last_flight();
  scene.peer_says(wire + scene.sealed("hello"));
  scene.turn();

  CHECK(scene.ear.times_secured == 1);
  CHECK(scene.ear.heard == "hello");
}

TEST_CASE("TLS: much that is written arrives in order") {
  SecureScene scene;
  scene.shake_hands();
  const std::string content = pattern(much);
  scene.connection->write(content);
  scene.turn();

  scene.open(scene.peer_reads_all(scene.here));

  CHECK(scene.opened == content);
  CHECK(scene.connection->waiting() == 0);
}

TEST_CASE("TLS: finishing says close_notify before the end") {
  SecureScene scene;
  scene.shake_hands();
  scene.connection->write("goodbye");
  scene.connection->finish();
  scene.turn();

  scene.open(scene.peer_reads_all(scene.here));

  CHECK(scene.opened == "goodbye");
  CHECK(scene.status == TlsSession::Status::closed);
  CHECK(scene.at_end);
}

TEST_CASE("TLS: a close_notify that the kernel refuses at first still comes before the end") {
  const auto write_once = [](SecureScene& scene) {
    scene.connection->write(pattern(4096));
    scene.turn();
  };
  int fitting = -1;
  {
    SecureScene trial;
    trial.shake_hands();
    for (; trial.connection->waiting() == 0; ++fitting) write_once(trial);
  }
  SecureScene scene;
  scene.shake_hands();
  for (int i = 0; i < fitting; ++i) write_once(scene);
  REQUIRE(scene.connection->waiting() == 0);

  scene.connection->finish();
  scene.turn();
  scene.open(scene.peer_reads_all(scene.here));

  CHECK(scene.status == TlsSession::Status::closed);
  CHECK(scene.at_end);
  CHECK(scene.ear.ends.empty());
}

TEST_CASE("TLS: a record that began on one worker ends on another") {
  SecureScene scene;
  scene.shake_hands();
  const std::string record = scene.sealed("half here, half there");
  scene.peer_says(record.substr(0, 20));
  scene.turn();

  scene.moves();
  scene.peer_says(record.substr(20));
  Scene::turn(scene.there);
  scene.connection->write("understood");
  Scene::turn(scene.there);
  scene.open(scene.peer_reads());

  CHECK(scene.ear.heard == "half here, half there");
  CHECK(scene.opened == "understood");
}

TEST_CASE("TLS: a peer's close_notify is the end of the connection") {
  SecureScene scene;
  scene.shake_hands();
  std::string wire = scene.sealed("last");
  scene.session.close(wire);

  scene.peer_says(wire);
  scene.turn();

  CHECK(scene.ear.heard == "last");
  CHECK(scene.ear.ends == std::vector{ConnectionEnd::closed_by_peer});
}

TEST_CASE("TLS: bytes that are no TLS are refused, and the reason can be asked for") {
  SecureScene scene;
  scene.peer_says("<stream:stream xmlns='jabber:client'>");

  scene.turn();

  CHECK(scene.ear.ends == std::vector{ConnectionEnd::tls_failed});
  CHECK_FALSE(scene.connection->tls_failure().empty());
}

TEST_CASE("TLS: who never shook hands is told nothing in the clear") {
  SecureScene scene;
  scene.connection->write("a secret");

  scene.connection->finish();
  scene.turn();

  CHECK(scene.peer_reads().empty());
  CHECK(scene.at_end);
}
