// SPDX-License-Identifier: Apache-2.0
// long on purpose: one scene, and the same promises with and without TLS.
#include "net/connection.h"
#include "base/test_directory.h"

#include <doctest/doctest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <functional>
#include <string>
#include <vector>

#include "net/tls_test_kit.h"

using namespace meerkat;

namespace {

constexpr std::size_t much = 3 * 1024 * 1024;  // more than the kernel takes at once

std::string pattern(std::size_t size) {
  std::string text(size, '\0');
  for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>('a' + i % 23 + i / 4096 % 3);
  return text;
}

// Who speaks on the connection, and notes what happens.
struct Ear final : ConnectionUser {
  void received(std::string_view bytes) noexcept override {
    heard += bytes;
    if (then) then(bytes);
  }
  void secured() noexcept override { ++times_secured; }
  void ended(ConnectionEnd why) noexcept override { ends.push_back(why); }
  void flushed() noexcept override { ++flushes; }

  std::string heard;
  std::function<void(std::string_view)> then;
  std::vector<ConnectionEnd> ends;
  int times_secured = 0;
  int flushes = 0;
};

// A connection on the first of two workers, and the bare socket of its peer.
struct Scene {
  Scene() {
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends) == 0);
    peer = ends[1];
    connection = std::make_unique<Connection>(ends[0], ear);
    here.adopt_thread();
    connection->settle(here);
  }
  ~Scene() {
    for (Worker* worker : {&here, &there}) turn(*worker);  // no turn end may name the connection any more
    connection.reset();
    if (peer >= 0) ::close(peer);
  }

  static void turn(Worker& worker) {
    worker.adopt_thread();
    worker.turn(std::chrono::milliseconds{0});
  }
  void turn() { turn(here); }
  void moves() {
    connection->leave();
    turn(here);
    there.adopt_thread();
    connection->settle(there);
  }

  void peer_says(std::string_view bytes) const {
    REQUIRE(::send(peer, bytes.data(), bytes.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(bytes.size()));
  }
  // One read: nothing when nothing is there; `at_end` when there will be no more.
  std::string peer_reads(std::size_t at_most = 1 << 20) {
    std::string bytes(at_most, '\0');
    const ssize_t count = ::recv(peer, bytes.data(), bytes.size(), 0);
    at_end = count == 0;
    bytes.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
    return bytes;
  }
  // Reads and lets the worker write until neither brings anything.
  std::string peer_reads_all(Worker& worker) {
    std::string all;
    for (int quiet = 0; quiet < 3 && !at_end;) {
      const std::string more = peer_reads();
      quiet = more.empty() ? quiet + 1 : 0;
      all += more;
      turn(worker);
    }
    return all;
  }
  void peer_hangs_up() { ::close(std::exchange(peer, -1)); }

  TurnableClock clock;
  Worker here{0, 2, clock};
  Worker there{1, 2, clock};
  int ends[2] = {-1, -1};
  int peer = -1;
  bool at_end = false;
  Ear ear;
  std::unique_ptr<Connection> connection;
};

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

TEST_CASE("what is written in one turn leaves together at its end") {
  Scene scene;

  scene.connection->write("one,");
  scene.connection->write("two,");
  scene.connection->out() += "three";
  CHECK(scene.peer_reads().empty());
  scene.turn();

  CHECK(scene.peer_reads() == "one,two,three");
  CHECK(scene.ear.flushes == 1);
}

TEST_CASE("an idle connection has given its buffers back to the worker") {
  Scene scene;
  scene.connection->write(pattern(8000));

  scene.turn();

  CHECK(scene.connection->waiting() == 0);
  CHECK(scene.here.buffers().borrow()->capacity() >= 8000);
}

TEST_CASE("what the kernel refuses is kept and leaves in order as the peer reads") {
  Scene scene;
  const std::string content = pattern(much);

  scene.connection->write(content);
  scene.turn();
  const std::size_t kept = scene.connection->waiting();
  scene.connection->write("and more");

  CHECK(kept > 0);
  CHECK(kept < much);
  CHECK(scene.connection->waiting() == kept + 8);
  CHECK(scene.peer_reads_all(scene.here) == content + "and more");
  CHECK(scene.connection->waiting() == 0);
  CHECK(scene.ear.flushes > 2);
}

TEST_CASE("a peer that has said its last word ends the connection once") {
  Scene scene;
  scene.peer_says("bye");
  ::shutdown(scene.peer, SHUT_WR);

  for (int i = 0; i < 4; ++i) scene.turn();

  CHECK(scene.ear.heard == "bye");
  CHECK(scene.ear.ends == std::vector{ConnectionEnd::closed_by_peer});
}

TEST_CASE("an answer to the last word of a peer still leaves") {
  Scene scene;
  scene.ear.then = [&](std::string_view) { scene.connection->write("farewell"); };
  scene.peer_says("bye");
  ::shutdown(scene.peer, SHUT_WR);

  for (int i = 0; i < 4; ++i) scene.turn();

  CHECK(scene.peer_reads() == "farewell");
}

TEST_CASE("a reset ends the connection once, whether it reads or not") {
  for (const bool reading : {true, false}) {
    Scene scene;
    scene.connection->write("unread");
    scene.turn();
    if (!reading) scene.connection->pause_reading();

    scene.peer_hangs_up();
    for (int i = 0; i < 3; ++i) scene.turn();

    CHECK(scene.ear.ends == std::vector{ConnectionEnd::reset});
  }
}

TEST_CASE("writing to a peer that is gone ends the connection and harms nobody") {
  Scene scene;
  scene.peer_hangs_up();

  scene.connection->write("hello?");
  for (int i = 0; i < 3; ++i) scene.turn();
  scene.connection->write("is anybody there?");
  scene.turn();

  CHECK(scene.ear.ends.size() == 1);
}

TEST_CASE("finishing sends everything first, and then the end") {
  Scene scene;
  const std::string content = pattern(much);
  scene.connection->write(content);

  scene.connection->finish();
  scene.turn();

  CHECK(scene.peer_reads_all(scene.here) == content);
  CHECK(scene.at_end);
  CHECK(scene.ear.ends.empty());
}

TEST_CASE("who is finishing hears nothing more but the peer's own end") {
  Scene scene;
  scene.connection->pause_reading();
  scene.connection->finish();

  scene.peer_says("too late");
  scene.turn();
  ::shutdown(scene.peer, SHUT_WR);
  scene.turn();

  CHECK(scene.ear.heard.empty());
  CHECK(scene.ear.ends == std::vector{ConnectionEnd::closed_by_peer});
}

TEST_CASE("an aborted connection is closed at once and says nothing to its user") {
  Scene scene;
  scene.connection->write("never sent");

  scene.connection->abort();
  scene.turn();

  CHECK_FALSE(scene.connection->open());
  CHECK(scene.peer_reads().empty());
  CHECK(scene.at_end);
  CHECK(scene.ear.ends.empty());
}

TEST_CASE("a connection that does not read hears all of it later") {
  Scene scene;
  scene.connection->pause_reading();
  scene.peer_says("patience");
  scene.turn();
  CHECK(scene.ear.heard.empty());

  scene.connection->resume_reading();
  scene.turn();

  CHECK(scene.ear.heard == "patience");
}

TEST_CASE("a connection keeps its bytes and their order when it moves to another worker") {
  Scene scene;
  const std::string content = pattern(much);
  scene.connection->write(content);
  scene.turn();
  scene.connection->write("last words on the old worker;");

  scene.moves();
  scene.peer_says("meanwhile");
  Scene::turn(scene.there);
  scene.connection->write("first on the new");

  CHECK(scene.peer_reads_all(scene.there) == content + "last words on the old worker;first on the new");
  CHECK(scene.ear.heard == "meanwhile");
  CHECK(scene.ear.ends.empty());
}

TEST_CASE("a connection that moved is heard by its new worker only") {
  Scene scene;
  scene.moves();
  scene.peer_says("hello");

  Scene::turn(scene.here);
  CHECK(scene.ear.heard.empty());
  Scene::turn(scene.there);

  CHECK(scene.ear.heard == "hello");
}

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
