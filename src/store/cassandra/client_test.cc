// SPDX-License-Identifier: Apache-2.0
#include "store/cassandra/client.h"

#include <doctest/doctest.h>

#include <chrono>
#include <future>
#include <string>
#include <vector>

#include "store/cassandra/errors.h"
#include "store/cassandra/session.h"
#include "store/cassandra/test_cassandra.h"
#include "store/sql/test_house.h"

using namespace meerkat;
using namespace meerkat::cassandra;
using namespace std::chrono_literals;

namespace {

using sql::TestHouse;

// One worker, so that the test knows who has what.
struct TestClient {
  explicit TestClient(std::vector<CassandraServer> servers, std::chrono::milliseconds call_timeout = 5s,
                      std::uint32_t workers = 1)
      : client{settings(call_timeout, workers), {.servers = std::move(servers)}} {}

  static PoolSettings settings(std::chrono::milliseconds call_timeout, std::uint32_t workers) {
    PoolSettings settings{.name = "cassandra.test"};
    settings.options.workers = workers;
    settings.options.call_timeout = call_timeout;
    settings.back_off = {10ms, 50ms};
    settings.depth = session_depth;
    return settings;
  }
  std::string ask(const Statement& statement) {
    const Rows rows = house.ask(client.execute(statement));
    return rows.empty() ? "nothing" : rows[0][0].text();
  }

  TestHouse house;
  Client client;
};

bool comes_true(const std::function<bool()>& is_true) {
  const auto until = std::chrono::steady_clock::now() + 5s;
  while (!is_true()) {
    if (std::chrono::steady_clock::now() > until) return false;
    std::this_thread::sleep_for(1ms);
  }
  return true;
}

}  // namespace

TEST_CASE("a statement is prepared once for a connection to Cassandra") {
  TestCassandra server;
  TestClient test{{server.server()}};

  for (int i = 0; i < 3; ++i) CHECK(test.ask({"SELECT ?", {"a"}}) == "SELECT ?");

  CHECK(server.times(Opcode::prepare) == 1);
  CHECK(server.times(Opcode::execute) == 3);
  CHECK(server.times("USE \"mongooseim\"") == 1);
}

TEST_CASE("Cassandra answers in any order, and everybody gets their own answer") {
  std::vector<std::string> held;  // of the server's thread
  TestCassandra server{[&](const Asked& asked) {
    if (asked.opcode != Opcode::execute) return TestCassandra::usual(asked);
    held.push_back(TestCassandra::usual(asked));
    if (held.size() < 8) return std::string{};
    std::string all;
    for (; !held.empty(); held.pop_back()) all += held.back();
    return all;
  }};
  TestClient test{{server.server()}};
  std::vector<Statement> statements;
  for (int i = 0; i < 8; ++i) statements.push_back({"SELECT " + std::to_string(i), {}});

  std::vector<std::future<Rows>> answers;
  for (const Statement& statement : statements) answers.push_back(test.house.start(test.client.execute(statement)));

  for (std::size_t i = 0; i < answers.size(); ++i) CHECK(answers[i].get()[0][0].text() == statements[i].text);
}

TEST_CASE("what Cassandra does not know any more is prepared again") {
  int executed = 0;
  TestCassandra server{[&](const Asked& asked) {
    if (asked.opcode == Opcode::execute && ++executed == 2)
      return say::refusal(asked.stream, ErrorCode::unprepared, "who?", say::text(asked.text));
    return TestCassandra::usual(asked);
  }};
  TestClient test{{server.server()}};
  CHECK(test.ask({"SELECT 1", {}}) == "SELECT 1");

  CHECK(test.ask({"SELECT 1", {}}) == "SELECT 1");

  CHECK(server.times(Opcode::prepare) == 2);
}

TEST_CASE("a Cassandra that never knows a statement is not asked forever") {
  TestCassandra server{[&](const Asked& asked) {
    if (asked.opcode == Opcode::execute)
      return say::refusal(asked.stream, ErrorCode::unprepared, "who?", say::text(asked.text));
    return TestCassandra::usual(asked);
  }};
  TestClient test{{server.server()}};

  CHECK_THROWS_AS(test.ask({"SELECT 1", {}}), NotNow);
}

TEST_CASE("a bad statement does not break the connection to Cassandra") {
  TestCassandra server{[](const Asked& asked) {
    if (asked.opcode == Opcode::prepare && asked.text == "SELEKT")
      return say::refusal(asked.stream, ErrorCode::syntax_error, "no viable alternative");
    return TestCassandra::usual(asked);
  }};
  TestClient test{{server.server()}};

  CHECK_THROWS_AS(test.ask({"SELEKT", {}}), BadStatement);
  CHECK_THROWS_AS(test.ask({"SELECT ?", {1}}), BadStatement);
  CHECK_THROWS_AS(test.ask({"SELECT ?", {}}), BadStatement);

  CHECK(test.ask({"SELECT ?", {"a"}}) == "SELECT ?");
  CHECK(server.times(Opcode::startup) == 1);
}

TEST_CASE("all pages of a Cassandra's answer are fetched, or one") {
  TestCassandra server{[](const Asked& asked) {
    if (asked.opcode != Opcode::execute) return TestCassandra::usual(asked);
    const bool second = asked.body.find("page 2") != std::string::npos;
    const bool third = asked.body.find("page 3") != std::string::npos;
    return say::row(asked.stream, third ? "c" : second ? "b" : "a", third ? "" : second ? "page 3" : "page 2");
  }};
  TestClient test{{server.server()}};
  const Statement statement{"SELECT", {}};

  const Rows all = test.house.ask(test.client.fetch_all(statement));
  CHECK(all.cells == List{"a", "b", "c"});
  const Rows one = test.house.ask(test.client.execute(statement, "page 2"));
  CHECK(one.cells == List{"b"});
  CHECK(one.next_page == "page 3");
}

TEST_CASE("an unlogged batch is cut until Cassandra takes it, a logged one is not") {
  std::vector<std::size_t> taken;
  TestCassandra server{[&](const Asked& asked) {
    if (asked.opcode != Opcode::batch) return TestCassandra::usual(asked);
    const auto count = static_cast<std::size_t>(static_cast<unsigned char>(asked.body[2]));
    if (count > 6) return say::refusal(asked.stream, ErrorCode::invalid, "Batch too large");
    taken.push_back(count);
    return say::done(asked.stream);
  }};
  TestClient test{{server.server()}};
  Batch batch{Batch::Kind::unlogged, std::vector<Batch::Write>(22, {"INSERT ?", {"x"}})};

  test.house.ask(test.client.write(batch));
  CHECK(taken == std::vector<std::size_t>{5, 5, 5, 5, 2});
  CHECK(server.times(Opcode::prepare) == 1);

  batch.kind = Batch::Kind::logged;
  CHECK_THROWS_AS(test.house.ask(test.client.write(batch)), BadStatement);
}

TEST_CASE("a large unlogged batch goes to Cassandra in pieces of some size") {
  TestCassandra server;
  TestClient test{{server.server()}};
  const Batch batch{Batch::Kind::unlogged, std::vector<Batch::Write>(4, {"INSERT ?", {std::string(20'000, 'x')}})};

  test.house.ask(test.client.write(batch));

  CHECK(server.times(Opcode::batch) == 4);
}

TEST_CASE("an overloaded Cassandra is left for another one") {
  TestCassandra busy{[](const Asked& asked) {
    if (asked.opcode == Opcode::execute) return say::refusal(asked.stream, ErrorCode::overloaded, "too much");
    return TestCassandra::usual(asked);
  }};
  TestCassandra other;
  TestClient test{{busy.server(), other.server()}};

  CHECK(test.ask({"SELECT 1", {}}) == "SELECT 1");
  CHECK(busy.times(Opcode::execute) == 1);
  CHECK(other.times(Opcode::execute) == 1);
}

TEST_CASE("a Cassandra that is alone and overloaded is not asked again at once") {
  TestCassandra busy{[](const Asked& asked) {
    if (asked.opcode == Opcode::execute) return say::refusal(asked.stream, ErrorCode::overloaded, "too much");
    return TestCassandra::usual(asked);
  }};
  TestClient test{{busy.server()}};

  CHECK_THROWS_AS(test.ask({"SELECT 1", {}}), NotNow);
  CHECK(busy.times(Opcode::execute) == 1);
}

TEST_CASE("workers begin with another Cassandra each, and go to those that are there") {
  TestCassandra one, two;
  TestClient both{{one.server(), two.server()}, 5s, 4};
  CHECK(comes_true([&] { return one.times(Opcode::startup) == 2 && two.times(Opcode::startup) == 2; }));

  auto gone = std::make_unique<TestCassandra>();
  const CassandraServer nobody = gone->server();
  gone.reset();
  TestClient left{{nobody, one.server()}};
  CHECK(left.ask({"SELECT 1", {}}) == "SELECT 1");
}

TEST_CASE("the Cassandra that is known to be down is tried last") {
  TestCassandra one, two, three;
  TestClient test{{one.server(), two.server(), three.server()}};
  CHECK(test.ask({"SELECT 1", {}}) == "SELECT 1");
  CHECK(one.times(Opcode::register_events) == 1);

  one.tell(say::status("DOWN", two.port()));
  CHECK(test.ask({"SELECT 1", {}}) == "SELECT 1");  // what was told before is read with this answer, or before
  one.hang_up();

  CHECK(comes_true([&] { return three.times(Opcode::startup) == 1; }));
  CHECK(two.times(Opcode::startup) == 0);
}

TEST_CASE("statements are prepared again after the schema has changed") {
  TestCassandra server;
  TestClient test{{server.server()}};
  CHECK(test.ask({"SELECT 1", {}}) == "SELECT 1");

  server.tell(say::frame(
      Opcode::event, -1,
      say::text("SCHEMA_CHANGE") + say::text("UPDATED") + say::text("TABLE") + say::text("k") + say::text("t")));

  CHECK(comes_true([&] {
    test.ask({"SELECT 1", {}});
    return server.times(Opcode::prepare) == 2;
  }));
}

TEST_CASE("a call that only reads is asked again when its connection to Cassandra breaks") {
  std::atomic<int> executed = 0;
  TestCassandra server{[&](const Asked& asked) {
    if (asked.opcode != Opcode::execute || ++executed % 2 == 0) return TestCassandra::usual(asked);
    return std::string{"garbage"};
  }};
  TestClient test{{server.server()}};

  CHECK(test.ask(reading("SELECT 1")) == "SELECT 1");
  CHECK_THROWS_AS(test.ask({"INSERT", {}}), Unavailable);
}

TEST_CASE("a Cassandra that says nothing is given up in time") {
  TestCassandra server{
      [](const Asked& asked) { return asked.opcode == Opcode::execute ? std::string{} : TestCassandra::usual(asked); }};
  TestClient test{{server.server()}, 100ms};

  try {
    test.ask({"SELECT 1", {}});
    FAIL("nobody has answered");
  } catch (const Unavailable& failure) {
    CHECK(failure.timed_out());
  }
  CHECK(comes_true([&] { return server.times(Opcode::startup) == 2; }));
}

TEST_CASE("one slow answer of Cassandra does not cost the others their connection") {
  std::string late;
  TestCassandra server{[&](const Asked& asked) {
    if (asked.text != "SLOW" || asked.opcode != Opcode::execute)
      return std::exchange(late, {}) + TestCassandra::usual(asked);
    late = TestCassandra::usual(asked);
    return std::string{};
  }};
  TestClient test{{server.server()}, 300ms};
  CHECK(test.ask({"FAST", {}}) == "FAST");
  const Statement slow{"SLOW", {}};
  const Statement other{"OTHER", {}};
  auto nobody = test.house.start(test.client.execute(slow));
  CHECK(comes_true([&] { return server.times("SLOW") == 2; }));
  server.tell(say::status("UP", 1));

  CHECK_THROWS_AS(nobody.get(), Unavailable);
  CHECK(test.ask({"FAST", {}}) == "FAST");
  CHECK(test.ask(other) == "OTHER");
  CHECK(server.times(Opcode::startup) == 1);
}

TEST_CASE("half an answer of Cassandra is waited for until the time is over") {
  TestCassandra server{[](const Asked& asked) {
    const std::string whole = TestCassandra::usual(asked);
    return asked.opcode == Opcode::execute ? whole.substr(0, whole.size() / 2) : whole;
  }};
  TestClient test{{server.server()}, 100ms};

  CHECK_THROWS_AS(test.ask({"SELECT 1", {}}), Unavailable);
}

TEST_CASE("a password that Cassandra wants is given, and a wrong one is told to the operator") {
  TestCassandra server{[](const Asked& asked) {
    if (asked.opcode == Opcode::startup) return say::frame(Opcode::authenticate, asked.stream, say::text("o.a.c.Some"));
    if (asked.opcode != Opcode::auth_response) return TestCassandra::usual(asked);
    if (asked.body.ends_with(std::string{"\0me\0secret", 10}))
      return say::frame(Opcode::auth_success, asked.stream, say::number(-1));
    return say::refusal(asked.stream, ErrorCode::bad_credentials, "Provided username me and/or password are incorrect");
  }};
  TestHouse house;
  const auto words_with = [&](std::optional<CassandraAuth::Plain> plain) -> std::string {
    Client client{TestClient::settings(5s, 1), {.servers = {server.server()}, .auth = {std::move(plain)}}};
    try {
      return house.ask(client.execute({"SELECT 1", {}}))[0][0].text();
    } catch (const Unavailable& failure) {
      return failure.what();
    }
  };

  CHECK(words_with(CassandraAuth::Plain{"me", "secret"}) == "SELECT 1");
  CHECK(words_with(CassandraAuth::Plain{"me", "wrong"}).find("bad credentials: Provided") != std::string::npos);
  CHECK(words_with({}).find("give auth.plain.username") != std::string::npos);
}

TEST_CASE("what is no Cassandra is said so") {
  TestCassandra web{[](const Asked&) { return std::string{"HTTP/1.1 400 Bad Request\r\n\r\n"}; }};
  TestClient test{{web.server()}};

  CHECK_THROWS_WITH_AS(test.ask({"SELECT 1", {}}), doctest::Contains("no Cassandra"), Unavailable);
}
