// SPDX-License-Identifier: Apache-2.0
// The client against a real Cassandra. It takes long to start, so one server and one test case serve all.
#include <doctest/doctest.h>

#include <chrono>
#include <filesystem>
#include <future>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "store/cassandra/client.h"
#include "store/cassandra/errors.h"
#include "store/cassandra/schema.h"
#include "store/sql/test_house.h"
#include "store/test_service.h"

using namespace meerkat;
using namespace meerkat::cassandra;
using namespace std::chrono_literals;
using namespace std::string_literals;

namespace {

struct Wanted {
  std::string keyspace = "meerkat";
  std::string password = "cassandra";
  std::optional<TlsClientSettings> tls;
  std::chrono::milliseconds call_timeout = 20s;
  std::string host = "127.0.0.1";
};

class Live {
 public:
  Live() : service("cassandra", {"--tls", "--password", "cassandra"}) {}

  std::shared_ptr<Client> open(const Wanted& wanted) {
    CassandraPoolOptions options;
    options.pool.workers = 1;
    options.pool.call_timeout = wanted.call_timeout;
    options.connection = {.servers = {{wanted.host, service.port()}},
                          .keyspace = wanted.keyspace,
                          .auth = {CassandraAuth::Plain{"cassandra", wanted.password}},
                          .tls = wanted.tls};
    return open_cassandra("cassandra.test", options);
  }
  // Until the server has its superuser, which it makes some time after its start.
  std::shared_ptr<Client> open_at_last(const Wanted& wanted) {
    auto client = open(wanted);
    REQUIRE(client->pool().wait_until_connected(std::chrono::steady_clock::now() + 60s));
    return client;
  }
  Rows ask(Client& client, const Statement& statement) { return house.ask(client.execute(statement)); }
  void run(Client& client, std::string_view text) { house.ask(client.run(text)); }
  // Why it could not connect.
  std::string problem(const Wanted& wanted) {
    const auto client = open(wanted);
    try {
      run(*client, "SELECT key FROM system.local");
      return "none";
    } catch (const Unavailable& failure) {
      return failure.what();
    }
  }

  LiveService service;
  sql::TestHouse house;
};

void types_come_back(Live& live, Client& client) {
  live.run(client,
           "CREATE TABLE kinds (id int PRIMARY KEY, t text, a ascii, b blob, yes boolean, n bigint, v varint, "
           "d double, f float, s smallint, y tinyint, at timestamp, u uuid, tu timeuuid, l list<text>, "
           "st set<int>, m map<text, frozen<list<bigint>>>, nothing text)");
  const Uuid uuid = *Uuid::parse("6f9619ff-8b86-4011-b42d-00cf4fc964ff");
  const Uuid timed = *Uuid::parse("3dff5ad6-2c4b-11ee-be56-0242ac120002");
  const List row{1,
                 "\xe2\x82\xac and \"quotes\"",
                 "ascii",
                 Blob{"\0\xff\x80"s},
                 true,
                 INT64_MIN,
                 Varint{"\x01\0\0\0\0\0\0\0\0"s},
                 -0.1,
                 0.25,
                 -32768,
                 127,
                 Timestamp{1'600'000'000'123ms},
                 uuid,
                 timed,
                 List{"one", "two"},
                 List{1, 2, 3},
                 Map{{"a", List{1, -1}}, {"b", List{INT64_MAX}}},
                 Value{}};
  live.ask(client, {"INSERT INTO kinds (id, t, a, b, yes, n, v, d, f, s, y, at, u, tu, l, st, m, nothing) "
                    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    row});

  const Rows rows =
      live.ask(client, reading("SELECT id, t, a, b, yes, n, v, d, f, s, y, at, u, tu, l, st, m, nothing FROM kinds"));

  REQUIRE(rows.size() == 1);
  for (std::size_t i = 0; i < row.size(); ++i) CHECK_MESSAGE(rows[0][i] == row[i], rows.columns[i].name);
  live.ask(client, {"UPDATE kinds SET v = ? WHERE id = ?", {-129, 1}});
  CHECK(live.ask(client, reading("SELECT v FROM kinds"))[0][0] == Value{-129});
}

void key_values_are_kept(Live& live, Client& client) {
  live.house.ask(create_tables(client));
  live.house.ask(create_tables(client));
  live.ask(client, {"INSERT INTO key_values (room, key, value) VALUES (?, ?, ?)", {"test", "a", Blob{"1"}}});

  const Statement read = reading("SELECT value FROM key_values WHERE room = ? AND key = ?", {"test", "a"});
  CHECK(live.ask(client, read)[0][0].bytes() == "1");

  const Statement only_new{"INSERT INTO key_values (room, key) VALUES (?, ?) IF NOT EXISTS", {"test", "once"}};
  CHECK(live.ask(client, only_new).was_applied());
  CHECK(!live.ask(client, only_new).was_applied());
}

void pages_are_fetched(Live& live, Client& client) {
  live.run(client, "CREATE TABLE many (p int, n int, word text, PRIMARY KEY (p, n))");
  Batch batch{Batch::Kind::unlogged, {}, {}};
  for (int n = 0; n < 1000; ++n)
    batch.writes.push_back({"INSERT INTO many (p, n, word) VALUES (1, ?, ?)", {n, std::string(100, 'x')}});
  live.house.ask(client.write(batch));
  Statement read = reading("SELECT n FROM many WHERE p = ?", {1});
  read.page_size = 170;

  const Rows first = live.ask(client, read);
  CHECK(first.size() == 170);
  CHECK(!first.next_page.empty());
  const Rows all = live.house.ask(client.fetch_all(read));
  REQUIRE(all.size() == 1000);
  for (std::size_t n = 0; n < all.size(); ++n) REQUIRE(all[n][0].integer() == static_cast<std::int64_t>(n));
}

void batches_are_written(Live& live, Client& client) {
  const auto insert = [](int p, std::size_t size) -> Batch::Write {
    return {"INSERT INTO many (p, n, word) VALUES (?, 1, ?)", {p, std::string(size, 'y')}};
  };
  live.house.ask(client.write({Batch::Kind::logged, {insert(2, 10), {"DELETE FROM many WHERE p = 1 AND n = ?", {7}}}}));
  CHECK(live.ask(client, reading("SELECT n FROM many WHERE p = 1 AND n = 7")).empty());
  CHECK(live.ask(client, reading("SELECT n FROM many WHERE p = 2")).size() == 1);

  // Cassandra bounds batches that touch more than one partition. Each of the pieces is small enough for it.
  const Batch large{Batch::Kind::logged, {insert(3, 30'000), insert(4, 30'000), insert(5, 30'000)}};
  CHECK_THROWS_AS(live.house.ask(client.write(large)), BadStatement);
  live.house.ask(client.write({Batch::Kind::unlogged, large.writes}));
  CHECK(live.ask(client, reading("SELECT n FROM many WHERE p IN (3, 4, 5)")).size() == 3);
}

void many_are_under_way(Live& live, Client& client) {
  std::vector<Statement> statements;
  for (int n = 100; n < 400; ++n) statements.push_back(reading("SELECT n FROM many WHERE p = 1 AND n = ?", {n}));
  std::vector<std::future<Rows>> answers;
  answers.reserve(statements.size());
  for (const Statement& statement : statements) answers.push_back(live.house.start(client.execute(statement)));
  for (std::size_t i = 0; i < answers.size(); ++i) CHECK(answers[i].get()[0][0] == statements[i].values[0]);
}

void mistakes_are_told(Live& live, Client& client) {
  const auto code_of = [&](const Statement& statement) {
    try {
      live.ask(client, statement);
    } catch (const BadStatement& mistake) {
      return mistake.code();
    }
    return ErrorCode::server_error;
  };
  CHECK(code_of({"SELEKT 1", {}}) == ErrorCode::syntax_error);
  CHECK(code_of({"SELECT a FROM nowhere", {}}) == ErrorCode::invalid);
  CHECK(code_of({"SELECT n FROM many WHERE p = ?", {"text"}}) == ErrorCode::invalid);
  CHECK_THROWS_AS(live.run(client, "CREATE TABLE many (p int PRIMARY KEY)"), BadStatement);

  // A table that is made anew under statements that are prepared.
  live.run(client, "CREATE TABLE anew (k text PRIMARY KEY, v int)");
  const Statement write{"INSERT INTO anew (k, v) VALUES (?, ?)", {"a", 1}};
  live.ask(client, write);
  live.run(client, "DROP TABLE anew");
  live.run(client, "CREATE TABLE anew (k text PRIMARY KEY, v text)");
  live.ask(client, {write.text, {"a", "one"}});
  CHECK(live.ask(client, reading("SELECT v FROM anew"))[0][0] == Value{"one"});
}

void strangers_are_told(Live& live) {
  const auto says = [&](const Wanted& wanted, const char* words) {
    const std::string problem = live.problem(wanted);
    CHECK_MESSAGE(problem.find(words) != std::string::npos, problem);
  };
  says({.keyspace = "nowhere"}, "nowhere");
  says({.password = "wrong"}, "bad credentials");

  TlsClientSettings tls;
  says({.tls = tls}, "certificate");
  tls.cacertfile = live.service.directory() / "tls-good/authority.pem";
  says({.tls = tls}, "none");
  tls.server_name_indication.host = "elsewhere.example";
  says({.tls = tls}, "certificate");
}

void is_slow_and_dies_and_comes_back(Live& live, Client& client) {
  const Statement read = reading("SELECT value FROM key_values WHERE room = ? AND key = ?", {"test", "a"});
  const auto hasty = live.open_at_last({.call_timeout = 1s});
  CHECK(live.ask(*hasty, read).size() == 1);
  live.service.tell("pause");
  const auto begin = std::chrono::steady_clock::now();
  CHECK_THROWS_AS(live.ask(*hasty, read), Unavailable);
  CHECK(std::chrono::steady_clock::now() - begin < 5s);
  live.service.tell("go_on");
  CHECK(live.ask(client, read).size() == 1);

  live.service.tell("pause");
  auto under_way = live.house.start(client.execute({"INSERT INTO key_values (room, key) VALUES ('test', 'b')", {}}));
  live.service.tell("kill");
  CHECK_THROWS_AS(under_way.get(), Unavailable);
  live.service.tell("start");
  REQUIRE(client.pool().wait_until_connected(std::chrono::steady_clock::now() + 60s));
  CHECK(live.ask(client, read)[0][0].bytes() == "1");
}

}  // namespace

TEST_CASE("a real cassandra keeps what it is given, and tells what is wrong") {
  Live live;
  if (!live.service.is_there()) return;
  {
    const auto system = live.open_at_last({.keyspace = "system"});
    live.run(*system,
             "CREATE KEYSPACE meerkat WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}");
  }
  const auto client = live.open_at_last({});

  types_come_back(live, *client);
  key_values_are_kept(live, *client);
  pages_are_fetched(live, *client);
  batches_are_written(live, *client);
  many_are_under_way(live, *client);
  mistakes_are_told(live, *client);
  strangers_are_told(live);
  is_slow_and_dies_and_comes_back(live, *client);
}
