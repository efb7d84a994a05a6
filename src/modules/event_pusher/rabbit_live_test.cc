// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <chrono>
#include <set>
#include <string>

#include "core/test_hall.h"
#include "modules/event_pusher/event_pusher.h"
#include "store/amqp/client.h"
#include "store/amqp/test_queue.h"
#include "store/pool/outgoing_pools.h"
#include "store/sql/test_house.h"
#include "store/test_service.h"

using namespace meerkat;
using namespace std::chrono_literals;

TEST_CASE("a real message broker is told of messages, sent and received, and of who comes and goes") {
  LiveService broker{"rabbitmq"};
  if (!broker.is_there()) return;
  amqp::RabbitPoolOptions options;
  options.pool.workers = 1;
  options.pool.call_timeout = 60s;
  options.connection.port = broker.port();
  options.connection.confirms_enabled = true;
  const auto client = amqp::open_rabbit("rabbit.event_pusher", options);
  const auto until = std::chrono::steady_clock::now() + 60s;
  REQUIRE(client->pool().wait_until_connected(until));
  {
    sql::TestHouse house{1};
    for (const char* const name : {"presence", "chat_msg"}) house.ask(client->declare({.name = name}));
  }
  amqp::TestQueue comings{broker.port(), "presence", "#"};
  amqp::TestQueue messages{broker.port(), "chat_msg", "#"};
  OutgoingPools pools;
  pools.rabbit.add("", "event_pusher", client);

  TestServer server;
  for (const auto& hall : server.halls) hall->pools = &pools;
  REQUIRE(server.start(event_pusher_module(), "[rabbit.presence_exchange]\n[rabbit.chat_msg_exchange]\n").empty());
  TestClient& alice = server.online("alice");
  TestClient& bob = server.online("bob");
  alice.says("<message to='bob@localhost' type='chat'><body>good morning</body></message>");
  CHECK(bob.hears("good morning"));
  bob.says("<presence type='unavailable'/>");
  while (client->figures().time.count() < 5 && std::chrono::steady_clock::now() < until) server.turn();

  std::multiset<std::string> told;
  for (int i = 0; i < 3; ++i) told.insert(comings.next().payload);
  CHECK(told == std::multiset<std::string>{R"({"user_id":"alice@localhost/phone","present":true})",
                                           R"({"user_id":"bob@localhost/phone","present":true})",
                                           R"({"user_id":"bob@localhost/phone","present":false})"});
  std::set<std::string> keys;
  for (int i = 0; i < 2; ++i) {
    const auto read = messages.next();
    keys.insert(read.key);
    CHECK(read.payload ==
          R"({"from_user_id":"alice@localhost/phone","to_user_id":"bob@localhost","message":"good morning"})");
  }
  CHECK(keys == std::set<std::string>{"alice@localhost.chat_msg_sent", "bob@localhost.chat_msg_recv"});
  client->pool().stop(until);
  server.turn();
}
