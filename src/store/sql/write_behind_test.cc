// SPDX-License-Identifier: Apache-2.0
#include "store/sql/write_behind.h"
#include "base/test_directory.h"

#include <doctest/doctest.h>

#include <string>
#include <tuple>
#include <vector>

#include "store/sql/migration.h"
#include "store/sql/test_house.h"

using namespace meerkat;
using namespace std::chrono_literals;

namespace {

constexpr sql::Upsert save_seen{"seen_save", "seen", "name", "number"};
constexpr sql::Query<std::tuple<std::int64_t>, std::string_view> find_seen{"seen_find",
                                                                           "SELECT number FROM seen WHERE name = ?"};
constexpr sql::Query<std::tuple<std::int64_t>> count_seen{"seen_count", "SELECT COUNT(*) FROM seen"};
constexpr sql::Query<std::tuple<std::int64_t>> count_writes{"writes_count", "SELECT COUNT(*) FROM writes"};
constexpr sql::Query<std::tuple<std::string>> names_written{"writes_names", "SELECT name FROM writes ORDER BY rowid"};

// A table whose triggers write down every row that is really written.
void make_tables(sql::Transaction& transaction) {
  transaction.run_statement("t", "CREATE TABLE seen (name TEXT PRIMARY KEY, number INTEGER CHECK (number >= 0))", {});
  transaction.run_statement("t", "CREATE TABLE writes (name TEXT)", {});
  transaction.run_statement(
      "t", "CREATE TRIGGER i AFTER INSERT ON seen BEGIN INSERT INTO writes VALUES (new.name); END", {});
  transaction.run_statement(
      "t", "CREATE TRIGGER u AFTER UPDATE ON seen BEGIN INSERT INTO writes VALUES (new.name); END", {});
}

struct Store {
  explicit Store(sql::SqliteOptions options = {}) {
    auto opened = sql::open_sqlite(directory.path(), options);
    REQUIRE_MESSAGE(opened.has_value(), opened.error());
    database = std::move(*opened);
    house.ask(database->transaction(make_tables));
  }
  std::int64_t number(const sql::Query<std::tuple<std::int64_t>>& query) {
    return std::get<0>(*house.ask(database->one(query)));
  }

  TestDirectory directory;
  sql::TestHouse house;
  std::unique_ptr<sql::Database> database;
};

Task<> queue_many(sql::Database& database, int count, int names) {
  for (int i = 0; i < count; ++i) {
    const std::string name = std::to_string(i % names);
    co_await database.upsert_behind(save_seen, sql::key(name), sql::values(i), sql::Until::queued);
  }
}

constexpr sql::SqliteOptions slow{.behind_delay = 1h};

}  // namespace

TEST_CASE("changes of one key become one row, and the last one wins") {
  Store store{slow};

  store.house.ask(queue_many(*store.database, 500, 5));
  CHECK(store.number(count_seen) == 0);
  store.house.ask(store.database->flush_behind());

  CHECK(store.number(count_seen) == 5);
  CHECK(store.number(count_writes) == 5);
  CHECK(store.house.ask(store.database->one(find_seen, "4")) == std::tuple<std::int64_t>{499});
}

TEST_CASE("a batch is written in the order of its keys") {
  Store store{slow};
  for (const char* name : {"c", "a", "b", "aa"})
    store.house.ask(store.database->upsert_behind(save_seen, sql::key(name), sql::values(1), sql::Until::queued));

  store.house.ask(store.database->flush_behind());

  using Names = std::vector<std::tuple<std::string>>;
  CHECK(store.house.ask(store.database->all(names_written)) == Names{{"a"}, {"aa"}, {"b"}, {"c"}});
}

TEST_CASE("who asks for the newest row sees what is queued, and what will be removed") {
  Store store{slow};
  const auto newest = [&] { return store.house.ask(store.database->newest(find_seen, save_seen, "a")); };
  CHECK(!newest());

  store.house.ask(store.database->upsert_behind(save_seen, sql::key("a"), sql::values(1), sql::Until::gathered));
  CHECK(newest() == std::tuple<std::int64_t>{1});
  CHECK(!store.house.ask(store.database->one(find_seen, "a")));
  store.house.ask(store.database->flush_behind());
  CHECK(newest() == std::tuple<std::int64_t>{1});
  store.house.ask(store.database->remove_behind(save_seen, sql::key("a"), sql::Until::gathered));
  CHECK(!newest());
  CHECK(store.house.ask(store.database->one(find_seen, "a")));
  store.house.ask(store.database->flush_behind());
  CHECK(!newest());
}

TEST_CASE("what is being written is seen, and what came back as well, until it is in the table") {
  sql::WriteBehind queue{{}};
  sql::BehindWork work;
  work.upsert = save_seen;
  work.key = sql::key("a");
  work.values = sql::values(1);
  work.wait_until_kept = false;
  const std::string ordered = sql::ordered_key(save_seen, sql::key("a"));
  const SteadyTime now{};
  REQUIRE(queue.add(work, now));

  sql::WriteBehind::Batch batch = queue.take();
  REQUIRE(queue.find(ordered) != nullptr);
  CHECK(queue.find(ordered)->values == sql::values(1));
  queue.come_back(std::move(batch.changes), now + 1s);
  REQUIRE(queue.find(ordered) != nullptr);
  CHECK(queue.due() == now + 1s);
  batch = queue.take();
  work.key = sql::key("a");
  work.values = sql::values(2);
  REQUIRE(queue.add(work, now));
  CHECK(queue.find(ordered)->values == sql::values(2));
  queue.leaves(batch.changes, now);
  CHECK(queue.find(ordered)->values == sql::values(2));
  batch = queue.take();
  queue.leaves(batch.changes, now);
  CHECK(queue.find(ordered) == nullptr);
  CHECK(queue.bytes() == 0);
}

TEST_CASE("a change that may gather waits for others, unless one comes that does not") {
  sql::WriteBehind queue{{.delay = 20ms, .patience = 250ms}};
  const auto add = [&](const char* name, bool may_gather, SteadyTime now) {
    sql::BehindWork work;
    work.upsert = save_seen;
    work.key = sql::key(name);
    work.values = sql::values(1);
    work.wait_until_kept = false;
    work.may_gather = may_gather;
    return queue.add(work, now);
  };
  const SteadyTime now{1s};

  REQUIRE(add("a", true, now));
  CHECK(queue.due() == now + 250ms);
  REQUIRE(add("b", true, now + 100ms));
  CHECK(queue.due() == now + 250ms);
  REQUIRE(add("c", false, now + 100ms));
  CHECK(queue.due() == now + 120ms);
}

TEST_CASE("so many rows are written at once, however long the delay") {
  Store store{{.behind_rows = 10, .behind_delay = 1h}};
  std::vector<std::future<void>> waiting;

  for (int i = 0; i < 10; ++i)
    waiting.push_back(store.house.start(
        store.database->upsert_behind(save_seen, sql::key(std::to_string(i)), sql::values(i)), i % 2));
  for (auto& each : waiting) each.get();

  CHECK(store.number(count_seen) == 10);
}

TEST_CASE("a single row is written when its time has come, and only then acknowledged") {
  Store store;

  store.house.ask(store.database->upsert_behind(save_seen, sql::key("one"), sql::values(1)));

  CHECK(store.number(count_seen) == 1);
}

TEST_CASE("a removal goes through the queue and undoes what stands before it") {
  Store store{slow};
  store.house.ask(store.database->upsert_behind(save_seen, sql::key("a"), sql::values(1), sql::Until::queued));
  store.house.ask(store.database->remove_behind(save_seen, sql::key("a"), sql::Until::queued));
  store.house.ask(store.database->upsert_behind(save_seen, sql::key("b"), sql::values(1), sql::Until::queued));

  store.house.ask(store.database->flush_behind());

  CHECK(store.number(count_seen) == 1);
  CHECK(store.number(count_writes) == 1);
}

TEST_CASE("a full queue makes its callers wait until there is room") {
  Store store{{.behind_delay = 1h, .behind_bytes = 4096}};
  std::vector<std::future<void>> waiting;

  for (int i = 0; i < 4; ++i) waiting.push_back(store.house.start(queue_many(*store.database, 1000, 1000), i % 2));
  for (auto& each : waiting) each.get();
  store.house.ask(store.database->flush_behind());

  CHECK(store.number(count_seen) == 1000);
  CHECK(store.house.ask(store.database->one(find_seen, "999")) == std::tuple<std::int64_t>{999});
}

TEST_CASE("a row that breaks a rule fails those who wait for it and no others") {
  Store store{slow};
  auto good = store.house.start(store.database->upsert_behind(save_seen, sql::key("good"), sql::values(1)));
  auto bad = store.house.start(store.database->upsert_behind(save_seen, sql::key("bad"), sql::values(-1)));
  auto flushed = store.house.start(store.database->flush_behind());

  CHECK_NOTHROW(good.get());
  CHECK_THROWS_AS(bad.get(), sql::Constraint);
  CHECK_NOTHROW(flushed.get());
  CHECK(store.number(count_seen) == 1);
}

TEST_CASE("an empty queue is flushed at once") {
  Store store{slow};

  CHECK_NOTHROW(store.house.ask(store.database->flush_behind()));
}

TEST_CASE("a batch is larger than a group and arrives whole") {
  Store store{{.behind_rows = 100000, .behind_delay = 1h}};

  store.house.ask(queue_many(*store.database, 25000, 25000));
  store.house.ask(store.database->flush_behind());

  CHECK(store.number(count_seen) == 25000);
}
