// SPDX-License-Identifier: Apache-2.0
// What can be asked of a real Redis.
#include "store/redis/client.h"

#include <array>
#include <set>

#include "store/redis/test_redis.h"

using namespace meerkat;
using namespace meerkat::redis;
using namespace std::chrono_literals;

namespace {

// Adds one so many times and looks each time whether the answer is the one to its own question.
Task<int> ask_in_turn(Client& client, int asker, int times) {
  int wrong = 0;
  for (int i = 0; i < times; ++i) {
    const std::string own = std::to_string(asker) + "/" + std::to_string(i);
    const Reply reply = co_await client.read("ECHO", own);
    if (reply.text() != own) ++wrong;
  }
  co_return wrong;
}

Task<std::vector<std::string>> all_keys(Client& client, std::string pattern) {
  std::vector<std::string> keys;
  Page page;
  do {
    page = co_await client.scan(page.cursor, pattern, 50);
    keys.insert(keys.end(), page.items.begin(), page.items.end());
  } while (!page.is_last());
  co_return keys;
}

Task<std::vector<std::string>> all_members(Client& client, std::string command, std::string key) {
  std::vector<std::string> members;
  Page page;
  do {
    page = co_await client.scan_members(command, key, page.cursor, 50);
    members.insert(members.end(), page.items.begin(), page.items.end());
  } while (!page.is_last());
  co_return members;
}

}  // namespace

TEST_CASE("what is kept in redis comes back byte by byte") {
  TestRedis redis;
  if (!redis.is_there()) return;
  TestClient test{redis.connection()};
  std::string bytes(200'000, '\0');
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(i * 131 % 256);

  CHECK(test.command("SET", "a key\r\n", bytes, "EX", 60).text() == "OK");

  CHECK(test.read("GET", "a key\r\n").text() == bytes);
  CHECK(test.read("GET", "another").is_nil());
  CHECK(test.command("INCRBY", "count", 7).number() == 7);
  CHECK_THROWS_WITH_AS(test.command("INCR", "a key\r\n"), "ERR value is not an integer or out of range", Refused);
  CHECK_THROWS_AS(test.command("LPUSH", "count", "x"), Refused);
  CHECK(test.events(PoolEvent::connected) == 1);
}

TEST_CASE("many callers share one connection to redis, and each gets its own answers") {
  TestRedis redis;
  if (!redis.is_there()) return;
  TestClient test{redis.connection()};
  std::vector<std::future<int>> askers;

  for (int i = 0; i < 200; ++i)
    askers.push_back(test.house.start(ask_in_turn(test.client, i, 100), static_cast<std::size_t>(i) % 2));

  int wrong = 0;
  for (auto& asker : askers) wrong += asker.get();
  CHECK(wrong == 0);
  CHECK(test.events(PoolEvent::answered) == 20'000);
  CHECK(test.events(PoolEvent::connected) == 1);
  CHECK(test.events(PoolEvent::bytes_received) > 20'000);
}

TEST_CASE("several commands go to redis in one call, and each has its reply") {
  TestRedis redis;
  if (!redis.is_there()) return;
  TestClient test{redis.connection()};
  Commands commands;
  commands.add("SET", "a", 1).add("INCR", "a").add("LPUSH", "a", "x").add("GET", "a");

  const Replies replies = test.house.ask(test.client.pipeline(commands));

  REQUIRE(replies.size() == 4);
  CHECK(replies[1].number() == 2);
  CHECK(replies[2].error() != nullptr);
  CHECK(replies[3].text() == "2");
  CHECK(test.house.ask(test.client.pipeline({})).empty());
}

TEST_CASE("a transaction happens in redis as a whole or not at all") {
  TestRedis redis;
  if (!redis.is_there()) return;
  TestClient test{redis.connection()};

  const Replies replies = test.house.ask(test.client.transaction(Commands{}.add("SET", "a", 1).add("INCR", "a")));
  REQUIRE(replies.size() == 2);
  CHECK(replies[1].number() == 2);

  const auto wrong = [&] { test.house.ask(test.client.transaction(Commands{}.add("SET", "a", 9).add("NOCOMMAND"))); };
  CHECK_THROWS_AS(wrong(), Refused);
  CHECK(test.read("GET", "a").text() == "2");
  CHECK(test.events(PoolEvent::connected) == 1);
}

TEST_CASE("a script is sent to redis by its digest, and as text when redis does not know it") {
  TestRedis redis;
  if (!redis.is_there()) return;
  TestClient test{redis.connection()};
  const Script script{"return {KEYS[1], ARGV[1] + 1}"};
  const std::array<std::string_view, 1> keys{"key"}, arguments{"41"};
  const auto run = [&] { return test.house.ask(test.client.run(script, keys, arguments)).array(); };

  for (int i = 0; i < 3; ++i) {
    const Reply::Array answer = run();
    CHECK(answer[0].text() == "key");
    CHECK(answer[1].number() == 42);
  }
  CHECK(redis.cli("INFO commandstats").contains("cmdstat_eval:calls=1,"));
  redis.cli("SCRIPT FLUSH");
  CHECK(run()[1].number() == 42);

  const Script wrong{"return redis.call('INCR', 'x', 'y')"};
  CHECK_THROWS_AS(test.house.ask(test.client.run(wrong, {})), Refused);
}

TEST_CASE("keys and members of redis are walked through page by page") {
  TestRedis redis;
  if (!redis.is_there()) return;
  TestClient test{redis.connection()};
  Commands commands;
  for (int i = 0; i < 700; ++i)
    commands.add("SET", "mine:" + std::to_string(i), i).add("SET", "other:" + std::to_string(i), i);
  for (int i = 0; i < 700; ++i) commands.add("HSET", "hash", i, i * i);
  test.house.ask(test.client.pipeline(commands));

  const auto keys = test.house.ask(all_keys(test.client, "mine:*"));
  const auto members = test.house.ask(all_members(test.client, "HSCAN", "hash"));

  CHECK(std::set<std::string>(keys.begin(), keys.end()).size() == 700);
  CHECK(std::set<std::string>(members.begin(), members.end()).contains("488601"));
}

TEST_CASE("a database of redis is chosen by its number") {
  TestRedis redis;
  if (!redis.is_there()) return;
  RedisConnection connection = redis.connection();
  connection.database = 3;
  TestClient test{connection};
  test.command("SET", "where", "here");
  CHECK(redis.cli("-n 3 GET where") == "here");
  CHECK(redis.cli("GET where").empty());

  connection.database = 99;
  TestClient beyond{connection};
  CHECK(beyond.why_down() == "Redis refuses database 99: ERR DB index is out of range");
}

TEST_CASE("who may do what in redis is up to its users and passwords") {
  TestRedis redis{{"--password", "pass word"}};
  if (!redis.is_there()) return;
  RedisConnection connection = redis.connection();
  CHECK(TestClient{connection}.why_down() == "Redis wants a password: NOAUTH Authentication required.");
  connection.password = "wrong";
  CHECK(TestClient{connection}.why_down().starts_with("Redis refuses the password: WRONGPASS"));
  connection.password = "pass word";
  CHECK(TestClient{connection}.command("PING").text() == "PONG");

  redis.cli("ACL SETUSER reader on >another ~* +@read +@connection");
  connection.username = "reader";
  CHECK(TestClient{connection}.why_down().starts_with("Redis refuses the password: WRONGPASS"));
  connection.password = "another";
  TestClient reader{connection};
  CHECK(reader.read("GET", "a").is_nil());
  CHECK_THROWS_AS(reader.command("SET", "a", 1), Refused);
  CHECK(reader.events(PoolEvent::connected) == 1);
}

TEST_CASE("operators see in redis who is connected") {
  TestRedis redis;
  if (!redis.is_there()) return;
  TestClient test{redis.connection(), quick_settings(3)};
  eventually([&] { return test.events(PoolEvent::connected) == 3; });
  const std::string clients = redis.cli("CLIENT LIST");
  CHECK(clients.contains("name=meerkat:redis.default"));
}
