// SPDX-License-Identifier: Apache-2.0
// What a real Redis can do to its clients.
#include <set>

#include "base/test_file_log.h"
#include "store/redis/client.h"
#include "store/redis/test_redis.h"

using namespace meerkat;
using namespace meerkat::redis;
using namespace std::chrono_literals;
using Why = Unavailable::Why;

namespace {

Why why(std::future<Reply> answer) {
  try {
    answer.get();
  } catch (const Unavailable& known) {
    return known.why();
  }
  FAIL("it was answered");
  return Why::failed;
}

}  // namespace

TEST_CASE("redis may come after its clients") {
  TestRedis redis{{"--absent"}};
  if (!redis.is_there()) return;
  const FileLog log;
  TestClient test{redis.connection()};
  CHECK(test.why_down().contains("Connection refused"));
  CHECK(why(test.house.start(test.client.read("GET", "a"))) == Why::down);
  eventually([&] { return test.events(PoolEvent::connect_failed) > 5; });

  redis.tell("start");

  REQUIRE(test.connects());
  CHECK(test.command("SET", "a", 1).text() == "OK");
  CHECK(log.count("pool_worker_down") == 1);
  CHECK(log.count("pool_worker_up") == 1);
}

TEST_CASE("whoever waits for a redis that dies is told so, and the next one is served by the next redis") {
  TestRedis redis;
  if (!redis.is_there()) return;
  const FileLog log;
  TestClient test{redis.connection()};
  REQUIRE(test.connects());
  redis.tell("pause");
  auto write = test.house.start(test.client.command("SET", "a", 1));
  auto read = test.house.start(test.client.read("GET", "a"));
  eventually([&] { return test.client.pool().workers().front().under_way == 2; });

  redis.tell("kill");
  CHECK(why(std::move(write)) == Why::failed);
  CHECK_THROWS_AS(read.get(), Unavailable);

  redis.tell("start");
  eventually([&] { return test.client.pool().available(); });
  CHECK(test.read("GET", "a").is_nil());
  CHECK(log.count("pool_worker_down") == 1);
  CHECK(log.count("pool_worker_up") == 1);
}

TEST_CASE("a redis that ends its connections while nobody asks is noticed and found again") {
  TestRedis redis;
  if (!redis.is_there()) return;
  TestClient test{redis.connection(), quick_settings(2)};
  eventually([&] { return test.events(PoolEvent::connected) == 2; });

  redis.cli("CLIENT KILL TYPE normal SKIPME yes");

  eventually([&] { return test.events(PoolEvent::connected) == 4; });
  CHECK(test.events(PoolEvent::disconnected) == 2);
  CHECK(test.read("GET", "a").is_nil());
}

TEST_CASE("a late answer of redis is nobody's") {
  TestRedis redis;
  if (!redis.is_there()) return;
  PoolSettings settings = quick_settings();
  settings.options.call_timeout = 150ms;
  TestClient test{redis.connection(), settings};
  REQUIRE(test.connects());
  redis.tell("pause");
  std::vector<std::future<Reply>> late;
  for (int i = 0; i < 3; ++i) late.push_back(test.house.start(test.client.command("ECHO", "late")));
  for (auto& one : late) CHECK(why(std::move(one)) == Why::timed_out);
  redis.tell("go_on");
  eventually([&] { return test.client.pool().available(); });

  for (int i = 0; i < 20; ++i) CHECK(test.command("ECHO", i).text() == std::to_string(i));
  CHECK(test.events(PoolEvent::timed_out) == 3);
}

TEST_CASE("a connection that nobody asks on is asked whether it is alive") {
  TestRedis redis;
  if (!redis.is_there()) return;
  PoolSettings settings = quick_settings();
  settings.keepalive_interval = 20ms;
  settings.connect_timeout = 100ms;
  TestClient test{redis.connection(), settings};
  REQUIRE(test.connects());
  eventually([&] { return redis.cli("INFO commandstats").contains("cmdstat_ping:calls=3"); });

  redis.tell("pause");

  eventually([&] { return test.events(PoolEvent::disconnected) == 1; });
  redis.tell("go_on");
  REQUIRE(test.connects());
}

TEST_CASE("a redis without room for more says so, and may be read") {
  TestRedis redis;
  if (!redis.is_there()) return;
  TestClient test{redis.connection()};
  test.command("SET", "a", 1);
  redis.cli("CONFIG SET maxmemory 1 maxmemory-policy noeviction");

  CHECK(test.failure(test.client.command("SET", "b", 2)).starts_with("Redis: OOM"));
  CHECK(test.failure(test.client.command("SET", "b", 2)).starts_with("Redis: OOM"));
  CHECK(test.read("GET", "a").text() == "1");
  redis.cli("CONFIG SET maxmemory 0");
  CHECK(test.command("SET", "b", 2).text() == "OK");
  CHECK(test.events(PoolEvent::connected) == 1);
}

TEST_CASE("a redis that has become a replica is left until there is a master") {
  TestRedis redis;
  if (!redis.is_there()) return;
  const FileLog log;
  TestClient test{redis.connection()};
  test.command("SET", "a", 1);
  redis.cli("REPLICAOF 127.0.0.1 1");

  CHECK(test.failure(test.client.command("SET", "a", 2)).starts_with("Redis: READONLY"));
  CHECK(test.why_down() == "Redis is a replica and takes no writes");
  CHECK(test.failure(test.client.command("SET", "a", 2)).contains("Redis is a replica"));
  CHECK(log.count("pool_worker_down") == 1);

  redis.cli("REPLICAOF NO ONE");
  eventually([&] { return test.client.pool().available(); });
  CHECK(test.command("SET", "a", 2).text() == "OK");
}

TEST_CASE("a replica that has lost its master, and a node of a cluster without slots, cannot serve") {
  TestRedis redis;
  if (!redis.is_there()) return;
  TestClient test{redis.connection()};
  REQUIRE(test.connects());
  redis.cli("CONFIG SET replica-serve-stale-data no");
  redis.cli("REPLICAOF 127.0.0.1 1");
  CHECK(test.failure(test.client.read("GET", "a")).contains("MASTERDOWN"));
  CHECK(test.why_down().starts_with("Redis does not serve: MASTERDOWN"));

  const int cluster_port = redis.connection().port - 10'000;
  redis.tell("call start_with --cluster-enabled yes --cluster-port " + std::to_string(cluster_port));
  eventually([&] { return test.client.pool().available(); });
  CHECK(test.failure(test.client.read("GET", "a")).starts_with("Redis: CLUSTERDOWN"));
}

TEST_CASE("a redis that loads its data is waited for") {
  TestRedis redis;
  if (!redis.is_there()) return;
  redis.tell("call start_with --enable-debug-command local --loading-process-events-interval-bytes 1024");
  TestClient test{redis.connection()};
  REQUIRE(test.connects());
  redis.tell("call load_slowly");

  eventually([&] { return test.failure(test.client.read("GET", "slow1")).contains("LOADING"); });
  CHECK(test.why_down().starts_with("Redis does not serve: LOADING"));

  eventually([&] { return test.client.pool().available(); });
  CHECK(test.read("GET", "slow1").text() == "1");
}

TEST_CASE("who talks to redis over TLS knows whom he talks to") {
  TestRedis redis{{"--tls"}};
  if (!redis.is_there()) return;
  using Verify = TlsOptions::Verify;
  RedisConnection connection = redis.connection();
  CHECK_FALSE(TestClient{connection}.why_down().empty());  // without TLS nothing is understood
  connection.host = "localhost";
  const auto outcome = [&](const std::string& kind, Verify verify) {
    connection.tls =
        TlsClientSettings{.verify_mode = verify, .cacertfile = redis.directory() / ("tls-" + kind) / "authority.pem"};
    TestClient test{connection};
    eventually([&] { return test.events(PoolEvent::connected) + test.events(PoolEvent::connect_failed) > 0; });
    return test.client.pool().available() ? test.command("PING").text() : test.last_error();
  };

  CHECK(outcome("good", Verify::peer) == "PONG");
  CHECK(outcome("good", Verify::selfsigned_peer) == "PONG");
  redis.tell("call show_certificate expired");
  CHECK(outcome("expired", Verify::peer).contains("certificate has expired"));
  CHECK(outcome("expired", Verify::none) == "PONG");
  redis.tell("call show_certificate other_name");
  CHECK(outcome("other_name", Verify::peer).contains("ostname mismatch"));
  CHECK(outcome("other_name", Verify::none) == "PONG");
  redis.tell("call show_certificate self_signed");
  CHECK(outcome("self_signed", Verify::peer).contains("self-signed certificate"));
  CHECK(outcome("self_signed", Verify::selfsigned_peer) == "PONG");
}
