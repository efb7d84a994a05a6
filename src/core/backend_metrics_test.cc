// SPDX-License-Identifier: Apache-2.0
#include "core/backend_metrics.h"

#include <doctest/doctest.h>

#include <stdexcept>

#include "core/test_hall.h"

using namespace meerkat;
using namespace std::chrono_literals;

namespace {

// A store that answers when it is let go.
struct SlowStore {
  Gate gate;
  Task<int> find(int number) {
    co_await gate;
    co_return number;
  }
  Task<> broken() {
    co_await gate;
    throw std::runtime_error{"the database is down"};
  }
};

struct Calls {
  explicit Calls(const BackendMetrics& metrics) : get_last(metrics, "get_last"), set_last(metrics, "set_last") {}
  BackendCall get_last;
  BackendCall set_last;
};

struct Scene {
  Scene() { hall.worker.adopt_thread(); }

  Task<> get() { found = co_await calls.get_last(store.find(7)); }
  Task<> set() {
    try {
      co_await calls.set_last(store.broken());
    } catch (const std::runtime_error& failure) {
      error = failure.what();
    }
  }
  // Of the store's functions, by name.
  std::vector<metrics::SeriesReading> functions() const {
    std::vector<metrics::SeriesReading> all = server.metrics.read();
    std::erase_if(all, [](const metrics::SeriesReading& each) { return !each.event.name.starts_with("mod_last_"); });
    return all;
  }
  std::int64_t count(std::size_t function) const {
    return std::get<std::int64_t>(functions().at(function).readings.at(0));
  }
  metrics::Distribution time(std::size_t function) const {
    return std::get<metrics::Distribution>(functions().at(function).readings.at(1));
  }

  TestServer server;
  Hall& hall = *server.halls[0];
  SlowStore store;
  Calls calls{{TestServer::host(hall), "mod_last", Backend::rdbms}};
  int found = 0;
  std::string error;
};

}  // namespace

TEST_CASE("calls of a store are there under their names from the start") {
  const Scene scene;

  const auto all = scene.functions();

  REQUIRE(all.size() == 2);
  CHECK(all[0].event.name == "mod_last_rdbms");
  CHECK(all[0].labels == std::vector<std::string>{"get_last", "localhost"});
  CHECK(all[1].labels == std::vector<std::string>{"set_last", "localhost"});
}

TEST_CASE("a call is counted when it begins, and its time when it has been answered") {
  Scene scene;
  scene.hall.scope.spawn(scene.get());
  CHECK(scene.count(0) == 1);
  CHECK(scene.time(0).count() == 0);

  scene.server.clock.advance(1500us);
  scene.store.gate.open();
  scene.server.turn();

  CHECK(scene.found == 7);
  CHECK(scene.count(0) == 1);
  CHECK(scene.time(0).count() == 1);
  CHECK(scene.time(0).sum == 1500);
  CHECK(scene.count(1) == 0);
}

TEST_CASE("a call that fails is measured like others, and whoever asked hears of it") {
  Scene scene;
  scene.hall.scope.spawn(scene.set());

  scene.server.clock.advance(2ms);
  scene.store.gate.open();
  scene.server.turn();

  CHECK(scene.error == "the database is down");
  CHECK(scene.count(1) == 1);
  CHECK(scene.time(1).sum == 2000);
}

TEST_CASE("the embedded backend has the name under which dashboards know it") {
  CHECK(metric_name(Backend::embedded) == "mnesia");
  CHECK(metric_name(Backend::rdbms) == "rdbms");
}
