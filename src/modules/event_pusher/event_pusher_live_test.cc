// SPDX-License-Identifier: Apache-2.0
#include "modules/event_pusher/event_pusher.h"

#include <doctest/doctest.h>

#include <chrono>
#include <thread>

#include "core/test_hall.h"
#include "store/http/test_web.h"
#include "store/pool/outgoing_pools.h"

using namespace meerkat;

TEST_CASE("a real web service is told of what users here say to each other, and of nothing else") {
  LiveService web{"web"};
  if (!web.is_there()) return;
  web.tell(R"(call answers {"/hooks/message": {"status": 204}})");
  http::HttpPoolOptions options = http::plain_options(web);
  options.connection.path_prefix = "/hooks/";
  OutgoingPools pools;
  pools.http.add("", "http_pool", http::open_http("http.http_pool", options));
  REQUIRE(http::is_up_soon(*pools.http.find("localhost", "http_pool")));

  TestServer server;
  for (const auto& hall : server.halls) hall->pools = &pools;
  REQUIRE(server.start(event_pusher_module(), "[[http.handlers]]\npath = \"/message\"\n").empty());
  TestClient& alice = server.online("alice");
  TestClient& bob = server.online("bob");
  alice.says(
      "<message to='bob@localhost' type='chat'><active xmlns='http://jabber.org/protocol/chatstates'/></message>");
  alice.says("<message to='bob@localhost' type='headline'><body>news</body></message>");
  alice.says("<message to='bob@localhost' type='chat'><body>good morning</body></message>");
  CHECK(bob.hears("good morning"));
  bob.says("<message to='alice@localhost' type='chat'><body>good night</body></message>");

  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds{20};
  while (http::times_asked(web, "\"method\": \"POST\"") < 2 && std::chrono::steady_clock::now() < until) server.turn();
  CHECK(http::times_asked(web, "\"path\": \"/hooks/message\"") == 2);
  CHECK(http::times_asked(web, "author=alice&server=localhost&receiver=bob&message=good%20morning") == 1);
  CHECK(http::times_asked(web, "author=bob&server=localhost&receiver=alice&message=good%20night") == 1);
  OutgoingPool& pool = pools.http.find("localhost", "http_pool")->pool();
  while (pool.events().times(PoolEvent::answered) < 2 && std::chrono::steady_clock::now() < until) server.turn();
  pool.stop(until);
  server.turn();
}
