// SPDX-License-Identifier: Apache-2.0
// What a database behind a pool does when transactions meet, connections break and the database is away.
#include "store/sql/pooled_database.h"

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <future>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "base/test_directory.h"
#include "base/test_file_log.h"
#include "store/sql/dialect.h"
#include "store/sql/test_house.h"
#include "store/sql/test_session.h"

using namespace meerkat;
using namespace std::chrono_literals;
using sql::key;
using sql::values;

namespace {

constexpr sql::Statement<std::string_view> insert_mark{"mark_insert", "INSERT INTO marks (name, mark) VALUES (?, 'm')"};
constexpr sql::Upsert save_mark{"mark_save", "marks", "name", "mark"};
constexpr sql::Query<std::tuple<std::string>, std::string_view> find_mark{"mark_find",
                                                                          "SELECT mark FROM marks WHERE name = ?"};
constexpr sql::Query<std::tuple<std::int64_t>> count_marks{"mark_count", "SELECT COUNT(*) FROM marks"};

sql::Schema marks_schema() {
  return {.name = "marks",
          .tables = {sql::table("marks").column("name", sql::text()).column("mark", sql::text()).primary_key("name")}};
}

enum class Is : std::uint8_t { there, away, busy };

struct Store {
  explicit Store(Is is = Is::there) {
    const bool is_there = is == Is::there;
    if (is == Is::away) server.goes_away();
    if (is == Is::busy) server.is_busy();
    sql::PooledDatabaseSettings settings{.start_timeout = is_there ? 10s : std::chrono::milliseconds{50}};
    settings.pool.name = "rdbms.test";
    settings.pool.options.workers = 1;
    if (is == Is::busy) settings.pool.options.call_timeout = 200ms;
    settings.pool.back_off = {1ms, 20ms};
    settings.pool.depth = 64;
    database = std::make_shared<sql::PooledDatabase>(settings, sql::sqlite_dialect(), server.make_session());
    database->prepare(marks_schema());
  }
  std::int64_t marks() { return std::get<0>(*house.ask(database->one(count_marks))); }
  void insert_in_transaction(std::string_view name) {
    house.ask(database->transaction([name](sql::Transaction& transaction) { transaction.execute(insert_mark, name); }));
  }

  TestDirectory directory;
  sql::TestHouse house;
  sql::TestServer server{directory / "marks.sqlite"};
  std::shared_ptr<sql::Database> database;
};

}  // namespace

TEST_CASE("a transaction that others get in the way of is run again, ten times at most") {
  Store store;
  store.server.conflicts(9);
  store.insert_in_transaction("one");
  CHECK(store.marks() == 1);
  const int before = store.server.transactions();
  store.server.conflicts(10);
  CHECK_THROWS_AS(store.insert_in_transaction("two"), Unavailable);
  CHECK(store.server.transactions() - before == 10);
  CHECK(store.marks() == 1);
}

TEST_CASE("a transaction is run again when the connection breaks before it can have happened, not after") {
  Store store;
  store.server.breaks();
  store.insert_in_transaction("one");
  CHECK(store.marks() == 1);
  store.server.breaks_in_commit();
  CHECK_THROWS_AS(store.insert_in_transaction("two"), Unavailable);
  CHECK(store.marks() == 2);
}

TEST_CASE("tables are there once they are prepared also while the connection looks for more to do") {
  Store store;
  std::deque<std::string> names;
  int missing = 0;
  for (int i = 0; i < 300; ++i) {
    const std::string& name = names.emplace_back("more" + std::to_string(i));
    std::vector<std::future<std::optional<std::tuple<std::int64_t>>>> asked;
    for (int each = 0; each < 20; ++each) asked.push_back(store.house.start(store.database->one(count_marks)));
    asked.front().wait();  // the others are under way
    store.database->prepare({.name = name, .tables = {sql::table(name).column("id", sql::integer())}});
    // The pool is not asked: it would make the table now.
    sql::SqliteConnection file{store.directory / "marks.sqlite", sql::SqliteConnection::Mode::read, 5s};
    const sql::Values wanted = sql::pack(std::string_view{name});
    missing += file.run_query("exists", sql::sqlite_dialect().table_exists(), wanted, 1).count() == 0 ? 1 : 0;
  }
  CHECK(missing == 0);
}

TEST_CASE("a database that is not there yet gets its tables before it is asked anything") {
  const FileLog log;
  Store store{Is::away};
  CHECK(log.count("pool_start_failed") == 1);
  store.database->prepare({.name = "more", .tables = {sql::table("more").column("id", sql::integer())}});
  CHECK(log.count("pool_start_failed") == 1);
  CHECK_THROWS_AS(store.insert_in_transaction("one"), Unavailable);

  store.server.comes_back();

  REQUIRE(store.database->pool()->wait_until_connected(std::chrono::steady_clock::now() + 10s));
  store.insert_in_transaction("one");
  CHECK(store.marks() == 1);
}

TEST_CASE("a change of tables that takes its time holds nobody up for longer than he wants to wait") {
  const FileLog log;
  Store store{Is::busy};
  store.server.wait_for_change();
  CHECK(log.count("pool_start_failed") == 1);
  CHECK(store.database->pool()->wait_until_connected(std::chrono::steady_clock::now() + 10s));
  CHECK(!store.database->available());
  const SteadyTime before = std::chrono::steady_clock::now();
  try {
    store.insert_in_transaction("one");
    FAIL("there is no such table");
  } catch (const Unavailable& refusal) {
    CHECK(refusal.timed_out());
  }
  CHECK(std::chrono::steady_clock::now() - before < 5s);

  SUBCASE("it is done in the end") {
    store.server.is_free();
    store.database->migrate(marks_schema());
    store.insert_in_transaction("one");
    CHECK(store.marks() == 1);
    CHECK(store.database->available());
  }
  SUBCASE("a stop does not wait for it") {
    store.database.reset();
    CHECK(std::chrono::steady_clock::now() - before < 5s);
    CHECK(log.count("pool_schema_failed") == 0);
  }
}

TEST_CASE("who tries a connection changes no tables, and does not wait for who does") {
  Store store{Is::busy};
  store.server.wait_for_change();
  const SteadyTime before = std::chrono::steady_clock::now();
  CHECK_NOTHROW(store.database->pool()->try_connection(before + 5s));
  CHECK(std::chrono::steady_clock::now() - before < 5s);
  sql::SqliteConnection file{store.directory / "marks.sqlite", sql::SqliteConnection::Mode::read, 5s};
  CHECK(
      file.run_query("exists", sql::sqlite_dialect().table_exists(), sql::pack(std::string_view{"marks"}), 1).count() ==
      0);
}

TEST_CASE("a change of tables that fails is told once, told to who asks, and tried again") {
  const FileLog log;
  Store store;
  std::atomic<int> failures{20};
  static std::atomic<int>* left = nullptr;
  left = &failures;
  const auto stumbles = [](sql::Transaction&) {
    if (left->fetch_sub(1) > 0) throw sql::Conflict{"somebody was in the way"};
  };
  store.database->prepare({.name = "marks", .tables = marks_schema().tables, .migrations = {{1, "one", stumbles}}});
  CHECK(failures < 0);
  CHECK(log.count("pool_schema_failed") == 1);
  CHECK(log.count("pool_schema_applied") == 1);
}

TEST_CASE("a schema that the database has already outgrown is refused at once") {
  Store store;
  const auto nothing = [](sql::Transaction&) {};
  store.database->prepare({.name = "grown", .tables = {}, .migrations = {{1, "one", nothing}}});
  CHECK_THROWS_AS(store.database->prepare({.name = "grown", .tables = {}, .migrations = {}}), sql::SchemaRefused);
}

TEST_CASE("queued rows wait for a database that is away, and are written together") {
  Store store;
  store.server.goes_away();
  for (int i = 0; i < 100; ++i)
    store.house.ask(store.database->upsert_behind(save_mark, key(std::to_string(i)), values("m"), sql::Until::queued));
  CHECK_THROWS_AS(store.house.ask(store.database->flush_behind()), Unavailable);
  CHECK(!store.database->available());

  store.server.comes_back();
  REQUIRE(store.database->pool()->wait_until_connected(std::chrono::steady_clock::now() + 10s));

  store.house.ask(store.database->flush_behind());
  CHECK(store.marks() == 100);
  CHECK(store.server.batches() <= 3);
}

TEST_CASE("what waits for a database that is away is seen by who asks for the newest, as long as it waits") {
  Store store;
  const auto newest = [&] { return store.house.ask(store.database->newest(find_mark, save_mark, "one")); };
  store.server.goes_away();
  store.house.ask(store.database->upsert_behind(save_mark, key("one"), values("m"), sql::Until::gathered));
  CHECK_THROWS_AS(store.house.ask(store.database->flush_behind()), Unavailable);
  CHECK(newest() == std::tuple<std::string>{"m"});

  store.server.comes_back();
  REQUIRE(store.database->pool()->wait_until_connected(std::chrono::steady_clock::now() + 10s));
  store.house.ask(store.database->flush_behind());

  CHECK(newest() == std::tuple<std::string>{"m"});
  CHECK(store.marks() == 1);
}

TEST_CASE("rows to be written and rows to be removed come in one batch of each") {
  Store store;
  for (int i = 0; i < 20; ++i) {
    const std::string name = std::to_string(i);
    store.house.ask(i % 2 == 0 ? store.database->upsert_behind(save_mark, key(name), values("m"), sql::Until::gathered)
                               : store.database->remove_behind(save_mark, key(name), sql::Until::gathered));
  }

  store.house.ask(store.database->flush_behind());

  CHECK(store.marks() == 10);
  CHECK(store.server.batches() == 1);
}

TEST_CASE("rows that cannot be written before the end are told to those who wait for them") {
  Store store;
  store.server.goes_away();
  std::vector<std::future<void>> ends;
  for (int i = 0; i < 2500; ++i)
    ends.push_back(store.house.start(store.database->upsert_behind(save_mark, key(std::to_string(i)), values("m"))));
  store.house.has_begun();

  store.database.reset();

  for (std::future<void>& end : ends) CHECK_THROWS_AS(end.get(), Unavailable);
}

TEST_CASE("of upserts that are written together each has its own answer") {
  Store store;
  std::vector<std::future<void>> ends;
  for (int i = 0; i < 200; ++i) {
    // SQLite refuses NULL in this column.
    sql::Values mark = i == 77 ? values(std::nullopt) : values("m");
    ends.push_back(
        store.house.start(store.database->upsert(save_mark, key(std::to_string(i / 2 * 2)), std::move(mark))));
  }
  for (std::size_t i = 0; i < ends.size(); ++i) {
    if (i == 77)
      CHECK_THROWS_AS(ends[i].get(), sql::Constraint);
    else
      CHECK_NOTHROW(ends[i].get());
  }
  CHECK(store.marks() == 100);
}
