// SPDX-License-Identifier: Apache-2.0
#include "modules/event_pusher/http_pusher.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "core/test_hall.h"
#include "core/test_metrics.h"
#include "modules/event_pusher/event_pusher.h"
#include "store/pool/test_link.h"
#include "store/pool/unavailable.h"

using namespace meerkat;

namespace {

// Answers when the gate is open.
class WebService final : public http::Service {
 public:
  Task<http::Response> request(http::Request request) override {
    asked.push_back(std::move(request));
    co_await gate;
    if (is_away) throw Unavailable{"nobody is at home"};
    co_return http::Response{.status = status};
  }

  Gate gate;
  std::vector<http::Request> asked;
  bool is_away = false;
  int status = 200;
};

PushedEvent message(std::string body) {
  return {.what = PushedEvent::What::sent,
          .type = StanzaType::chat,
          .from = *Jid::parse("alice@localhost/phone"),
          .to = *Jid::parse("bob@example.org"),
          .body = std::move(body)};
}

struct Scene {
  TestServer server;
  WebService service;
  OutgoingPool* pool;
  std::shared_ptr<EventQueue> queue =
      make_http_pusher(TestServer::host(*server.halls[0]), service, pool, {"http_pool", "/told"});
  explicit Scene(OutgoingPool* counted = nullptr) : pool(counted) { server.halls[0]->worker.adopt_thread(); }
};

}  // namespace

TEST_CASE("a web service is told author, server, receiver and words of a chat message") {
  Scene scene;
  scene.service.gate.open();
  scene.queue->add(message("a & b"));
  REQUIRE(scene.service.asked.size() == 1);
  const http::Request& request = scene.service.asked.front();
  CHECK(request.method == http::Method::post);
  CHECK(request.path == "told");
  CHECK(request.content_type == "application/x-www-form-urlencoded");
  CHECK(request.body == "author=alice&server=localhost&receiver=bob&message=a%20%26%20b");

  PushedEvent other = message("hello");
  CHECK(scene.queue->wants(other));
  other.type = StanzaType::groupchat;
  CHECK_FALSE(scene.queue->wants(other));
  other = message("hello");
  other.what = PushedEvent::What::received;
  CHECK_FALSE(scene.queue->wants(other));
}

TEST_CASE("events for a web service that is slow wait, and the oldest make room") {
  Scene scene;
  for (int i = 0; i < 2000; ++i) scene.queue->add(message(std::to_string(i)));
  CHECK(scene.service.asked.size() == 10);
  CHECK(scene.queue->waiting() == 1000);
  scene.service.gate.open();
  CHECK(scene.queue->waiting() == 0);
  CHECK(scene.service.asked.size() == 1010);
  CHECK(scene.service.asked.back().body.ends_with("message=1999"));

  Scene with_long_ones;
  for (int i = 0; i < 400; ++i) with_long_ones.queue->add(message(std::string(100'000, 'x')));
  CHECK(with_long_ones.queue->waiting() < 180);
  CHECK(with_long_ones.queue->waiting() > 150);
  with_long_ones.service.gate.open();
}

TEST_CASE("a pool says how many events wait for it, and counts those that made room") {
  TestService behind;
  PoolSettings settings;
  settings.name = "http.told";
  settings.options.workers = 1;
  settings.options.max_worker_queue_len = 7;
  OutgoingPool pool{settings, behind.make_link()};
  Scene scene{&pool};
  for (int i = 0; i < 20; ++i) scene.queue->add(message(std::to_string(i)));
  CHECK(scene.queue->waiting() == 7);
  CHECK(pool.events().times(PoolEvent::dropped) == 3);
  scene.service.gate.open();
}

TEST_CASE("an event that a web service did not get is not tried again, and the next one goes its way") {
  Scene scene;
  scene.service.gate.open();
  scene.service.is_away = true;
  scene.queue->add(message("lost"));
  scene.service.is_away = false;
  scene.service.status = 500;
  scene.queue->add(message("refused"));
  scene.service.status = 204;
  scene.queue->add(message("found"));
  CHECK(scene.service.asked.size() == 3);
  CHECK(scene.queue->waiting() == 0);
  CHECK(counted(scene.server.metrics, "mod_event_pusher_http_sent", "count") == 1);
  CHECK(counted(scene.server.metrics, "mod_event_pusher_http_sent", "failure_count") == 2);
}

TEST_CASE("pushing events needs the pool that it names") {
  TestServer server;
  CHECK_THROWS_WITH(server.start(event_pusher_module(), "[[http.handlers]]\npool_name = \"told\"\n"),
                    "modules.mod_event_pusher needs the pool [outgoing_pools.http.told] — write that table");
  CHECK(TestServer{}.start(event_pusher_module(), "[[http.handlers]]\n[[http.handlers]]\n").contains("the same"));
  CHECK(TestServer{}.start(event_pusher_module(), "").empty());
}
