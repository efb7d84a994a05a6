// SPDX-License-Identifier: Apache-2.0
#include "net/connection.h"

#include "net/connection_test_kit.h"

using namespace meerkat;

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
