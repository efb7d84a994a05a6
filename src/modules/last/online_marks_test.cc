// SPDX-License-Identifier: Apache-2.0
#include "modules/last/online_marks.h"

#include <doctest/doctest.h>

#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "core/events/host_events.h"
#include "core/test_hall.h"
#include "modules/last/last.h"

using namespace meerkat;
using namespace std::chrono_literals;

namespace {

constexpr sql::Query<std::tuple<std::string>> all_marks{"marks", "SELECT username FROM last_online ORDER BY username"};
constexpr sql::Query<std::tuple<std::string, std::int64_t, std::string>> all_rows{
    "rows", "SELECT username, seconds, state FROM last ORDER BY username"};
constexpr sql::Query<std::tuple<std::int64_t>> when_alive{"alive", "SELECT seconds FROM last_alive"};
constexpr sql::Statement<std::string_view> make_mark{"mark", "INSERT INTO last_online VALUES ('localhost', ?)"};
constexpr sql::Statement<std::int64_t> make_alive{"alive", "INSERT INTO last_alive VALUES ('localhost', ?)"};
constexpr sql::Statement<std::string_view, std::int64_t> make_row{"row",
                                                                  "INSERT INTO last VALUES ('localhost', ?, ?, 'bye')"};

using Names = std::vector<std::string>;

struct Scene {
  Scene() { REQUIRE(server.start(last_module()) == ""); }
  Names marks() {
    Names names;
    for (auto& [name] : rows().all(all_marks)) names.push_back(std::move(name));
    return names;
  }
  template <class Event>
  void fire() {
    for (const auto& hall : server.halls) {
      hall->worker.adopt_thread();
      hall->fire(Event{TestServer::host(*hall)});
    }
    server.turn();
  }
  sql::SqliteConnection& rows() { return server.database.rows(); }
  std::int64_t now() const { return seconds_of(server.clock.wall()); }

  TestServer server;
};

}  // namespace

TEST_CASE("whoever is available has a mark, until it is written when he left") {
  Scene scene;
  TestClient& phone = scene.server.online("alice", "phone");
  TestClient& desk = scene.server.online("alice", "desk");
  scene.server.online("bob");
  scene.server.login("carol");
  CHECK(scene.marks() == Names{"alice", "bob"});

  phone.disconnects();
  scene.server.passes(10s);
  CHECK(scene.marks() == Names{"alice", "bob"});
  scene.server.database.broken = true;
  desk.disconnects();
  scene.server.passes(20s);
  CHECK(scene.marks() == Names{"alice", "bob"});
  scene.server.database.broken = false;
  scene.server.passes(2s);
  scene.server.passes(10s);

  CHECK(scene.marks() == Names{"bob"});
}

TEST_CASE("who comes back soon keeps his mark") {
  Scene scene;
  scene.server.online("alice").disconnects();
  scene.server.online("alice");
  scene.server.passes(10s);

  CHECK(scene.marks() == Names{"alice"});
}

TEST_CASE("who was online when the server died was last here then, and nobody else") {
  Scene scene;
  const std::int64_t alive = scene.now() - 500;
  scene.rows().execute(make_alive, alive);
  for (const char* name : {"alice", "bob", "carol", "dora"}) scene.rows().execute(make_mark, name);
  scene.rows().execute(make_row, "alice", alive - 1000);  // from before this session
  scene.rows().execute(make_row, "bob", alive + 3);       // had left, and his mark was there
  scene.server.online("dora");                            // restored with the sessions that wait

  scene.fire<HostOpens>();
  scene.server.passes(2s);

  using Rows = std::vector<std::tuple<std::string, std::int64_t, std::string>>;
  CHECK(scene.rows().all(all_rows) == Rows{{"alice", alive, ""}, {"bob", alive + 3, "bye"}, {"carol", alive, ""}});
  CHECK(scene.marks() == Names{"dora"});
  // Other workers may not have read it yet.
  CHECK(scene.rows().all(when_alive) == std::vector<std::tuple<std::int64_t>>{{alive}});
  scene.server.passes(9s);
  CHECK(scene.rows().all(when_alive) == std::vector<std::tuple<std::int64_t>>{{scene.now()}});
  scene.server.passes(31s);
  CHECK(scene.rows().all(when_alive) == std::vector<std::tuple<std::int64_t>>{{scene.now()}});
}

TEST_CASE("a server that has stopped leaves no marks of those who left") {
  Scene scene;
  scene.server.online("alice").disconnects();
  CHECK(scene.marks() == Names{"alice"});

  scene.fire<HostCloses>();

  CHECK(scene.marks().empty());
  CHECK(scene.rows().all(when_alive) == std::vector<std::tuple<std::int64_t>>{{scene.now()}});
}
