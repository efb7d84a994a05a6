// SPDX-License-Identifier: Apache-2.0
#include "cluster/session_registry.h"

#include "core/test_hall.h"
#include "store/redis/test_redis.h"

using namespace meerkat;
using namespace std::chrono_literals;

namespace {

// A server that tells redis of its sessions.
struct Node {
  Node(const redis::TestRedis& redis, const std::string& name, const std::string& process)
      : client(redis::quick_settings(), redis.connection()) {
    REQUIRE(client.pool().wait_until_connected(std::chrono::steady_clock::now() + 10s));
    for (const auto& hall : server.halls) {
      hall->worker.adopt_thread();
      registries.push_back(
          std::make_unique<SessionRegistry>(*hall, client, RegistryNode{.name = name, .process = process}));
      registries.back()->start();
    }
  }
  ~Node() {
    client.pool().stop(std::chrono::steady_clock::now());
    server.turn();
  }

  // Until Redis says this to that; time passes in the server meanwhile.
  void waits_for(redis::TestRedis& redis, const std::string& command, std::string_view part) {
    redis::eventually([&] {
      server.passes(50ms);
      return redis.cli(command).contains(part);
    });
  }
  void waits_until_gone(redis::TestRedis& redis, const std::string& key) {
    waits_for(redis, "EVAL \"return 'there: ' .. redis.call('EXISTS', KEYS[1])\" 1 " + key, "there: 0");
  }

  TestServer server;
  redis::Client client;
  std::vector<std::unique_ptr<SessionRegistry>> registries;
};

Task<> closes(HostType& host, std::size_t& closed) {
  HostCloses event{host};
  [[maybe_unused]] const Verdict verdict = co_await host.run(event);
  ++closed;
}

}  // namespace

TEST_CASE("redis is told of sessions when they are bound, become available, change their priority and end") {
  redis::TestRedis redis;
  if (!redis.is_there()) return;
  Node node{redis, "one", "p1"};

  TestClient& alice = node.server.login("alice", "phone");
  node.waits_for(redis, "HGET s2:alice:localhost phone", R"("priority":0,"available":false)");
  CHECK(redis.cli("HGET s2:alice:localhost phone").contains(R"({"node":"one","run":"p1.)"));
  alice.says("<presence><priority>5</priority></presence>");
  node.waits_for(redis, "HGET s2:alice:localhost phone", R"("priority":5,"available":true)");
  alice.says("<presence><priority>-3</priority></presence>");
  node.waits_for(redis, "HGET s2:alice:localhost phone", R"("priority":-3,"available":true)");
  TestClient& tablet = node.server.online("alice", "a/b tablet", 7);
  node.waits_for(redis, "HKEYS s2:alice:localhost", "a/b tablet");

  alice.disconnects();
  node.waits_for(redis, "HLEN s2:alice:localhost", "1");
  tablet.disconnects();
  node.waits_until_gone(redis, "s2:alice:localhost");
}

TEST_CASE("redis is told all again when it has lost it") {
  redis::TestRedis redis;
  if (!redis.is_there()) return;
  Node node{redis, "one", "p1"};
  for (int i = 0; i < 300; ++i) node.server.online("user" + std::to_string(i));
  node.waits_for(redis, "EXISTS s2:user299:localhost", "1");
  node.waits_for(redis, "EXISTS s2:user0:localhost", "1");

  redis.tell("kill");
  node.server.online("late");
  node.server.passes(1s);
  redis.tell("start");

  node.waits_for(redis, "EXISTS s2:user0:localhost", "1");
  node.waits_for(redis, "EXISTS s2:late:localhost", "1");
  node.waits_for(redis, "DBSIZE", "306");  // users, and for each of two workers a lease and a set; and the nodes
  CHECK(std::stoi(redis.cli("TTL s2:user7:localhost")) > 500);
}

TEST_CASE("what a dead run has left in redis is removed by the next run of its node, or by another node") {
  redis::TestRedis redis;
  if (!redis.is_there()) return;
  {
    Node dead{redis, "one", "p1"};
    dead.server.online("alice");
    dead.server.online("bob");
    dead.waits_for(redis, "EXISTS s2:alice:localhost", "1");
    dead.waits_for(redis, "EXISTS s2:bob:localhost", "1");
  }
  {
    Node reborn{redis, "one", "p2"};
    reborn.server.online("bob", "new");
    reborn.waits_until_gone(redis, "s2:alice:localhost");
    reborn.waits_for(redis, "HKEYS s2:bob:localhost", "new");
    reborn.waits_for(redis, "HLEN s2:bob:localhost", "1");
    Node other{redis, "two", "p3"};
    other.server.passes(10s);
    CHECK(redis.cli("HKEYS s2:bob:localhost") == "new");
  }
  redis.cli("EVAL \"for _, key in ipairs(redis.call('KEYS', 'lease:p2*')) do redis.call('DEL', key) end\" 0");

  Node other{redis, "two", "p4"};
  other.waits_until_gone(redis, "s2:bob:localhost");
  redis::eventually([&] {
    other.server.passes(50ms);
    return !redis.cli("HKEYS nodes").contains("p2.");
  });
}

TEST_CASE("a node that stops takes what it has told redis with it") {
  redis::TestRedis redis;
  if (!redis.is_there()) return;
  Node node{redis, "one", "p1"};
  node.server.online("alice");
  node.waits_for(redis, "EXISTS s2:alice:localhost", "1");

  node.server.on_all_hosts([](HostType& host) { host.hall.fire(HostCloses{host}); });

  node.waits_until_gone(redis, "s2:alice:localhost");
  node.waits_until_gone(redis, "nodes");
  CHECK(redis.cli("DBSIZE") == "0");
}

TEST_CASE("a node that stops while it tells redis of sessions leaves nothing behind") {
  redis::TestRedis redis;
  if (!redis.is_there()) return;
  Node node{redis, "one", "p1"};
  for (int i = 0; i < 600; ++i) node.server.online("user" + std::to_string(i));
  node.server.passes(25ms);  // the first of them are on their way

  std::size_t closed = 0;
  node.server.on_all_hosts([&closed](HostType& host) { host.hall.scope.spawn(closes(host, closed)); });

  redis::eventually([&] {
    node.server.passes(50ms);
    return closed == node.server.halls.size();
  });
  node.server.passes(1s);
  CHECK(redis.cli("DBSIZE") == "0");
}
