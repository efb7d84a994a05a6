// SPDX-License-Identifier: Apache-2.0
#include "store/sql/database.h"
#include "base/test_directory.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <string>
#include <thread>
#include <tuple>
#include <vector>

#include "store/sql/migration.h"
#include "store/sql/test_house.h"

using namespace meerkat;
using namespace std::chrono_literals;

namespace {

using Text = std::string_view;
using Pair = std::tuple<std::string, std::int64_t>;
constexpr sql::Statement<Text, std::int64_t> insert_pair{"pair_insert",
                                                         "INSERT INTO pairs (name, number) VALUES (?, ?)"};
constexpr sql::Query<std::tuple<std::int64_t>, Text> find_pair{"pair_find", "SELECT number FROM pairs WHERE name = ?"};
constexpr sql::Query<Pair> all_pairs{"pair_all", "SELECT name, number FROM pairs ORDER BY name"};
constexpr sql::Query<std::tuple<std::int64_t>> count_pairs{"pair_count", "SELECT COUNT(*) FROM pairs"};
constexpr sql::Upsert save_pair{"pair_save", "pairs", "name", "number"};

sql::Schema pairs_schema() {
  return {.name = "pairs",
          .tables = {sql::table("pairs")
                         .column("name", sql::varchar(250))
                         .column("number", sql::bigint())
                         .primary_key("name")
                         .clustered()}};
}

struct Store {
  explicit Store(sql::SqliteOptions options = {}) {
    auto opened = sql::open_sqlite(directory.path() / "store", options);
    REQUIRE_MESSAGE(opened.has_value(), opened.error());
    database = std::move(*opened);
    database->prepare(pairs_schema());
  }

  std::int64_t count() { return std::get<0>(*house.ask(database->one(count_pairs))); }
  std::optional<std::int64_t> number_of(Text name) {
    const auto row = house.ask(database->one(find_pair, name));
    if (!row) return std::nullopt;
    return std::get<0>(*row);
  }

  TestDirectory directory;
  sql::TestHouse house;
  std::unique_ptr<sql::Database> database;
};

Task<> insert_many(sql::Database& database, std::string prefix, int count) {
  for (int i = 0; i < count; ++i) {
    const std::string name = prefix + std::to_string(i);
    co_await database.execute(insert_pair, name, i);
    const auto row = co_await database.one(find_pair, name);
    if (!row || std::get<0>(*row) != i) throw std::runtime_error("what was acknowledged is not there");
  }
}

std::int64_t insert_two_then_fail(sql::Transaction& transaction) {
  transaction.execute(insert_pair, "first", 1);
  transaction.execute(insert_pair, "second", 2);
  throw std::runtime_error("changed my mind");
}

}  // namespace

TEST_CASE("what was written is read, on whatever worker") {
  Store store;

  const std::uint64_t changed = store.house.ask(store.database->execute(insert_pair, std::string{"one"}, 1), 0);
  store.house.ask(store.database->execute(insert_pair, "two", 2), 1);
  const auto row = store.house.ask(store.database->one(find_pair, "one"), 1);
  const auto rows = store.house.ask(store.database->all(all_pairs), 0);

  CHECK(changed == 1);
  CHECK(row == std::tuple<std::int64_t>{1});
  CHECK(rows == std::vector<Pair>{{"one", 1}, {"two", 2}});
  CHECK_FALSE(store.number_of("three"));
}

TEST_CASE("every kind of value comes back as it went in") {
  Store store;
  constexpr sql::Statement<> make{"kinds_make", "CREATE TABLE kinds (i, d, t, b, n, yes)"};
  constexpr sql::Statement<std::int64_t, double, Text, sql::Blob, std::optional<std::int64_t>, bool> insert{
      "kinds_insert", "INSERT INTO kinds VALUES (?, ?, ?, ?, ?, ?)"};
  using Row = std::tuple<std::int64_t, double, std::string, sql::Blob, std::optional<std::int64_t>, bool>;
  constexpr sql::Query<Row> read{"kinds_read", "SELECT * FROM kinds"};
  const std::string with_zero{"a\0b", 3};

  store.house.ask(store.database->execute(make));
  store.house.ask(store.database->execute(insert, -7, 0.5, with_zero, sql::Blob{""}, std::nullopt, true));

  const auto row = store.house.ask(store.database->one(read));
  CHECK(row == Row{-7, 0.5, with_zero, sql::Blob{""}, std::nullopt, true});
}

TEST_CASE("a row that is not what the query declares is a mistake of the program") {
  Store store;
  constexpr sql::Query<std::tuple<std::int64_t>> text{"mistake_text", "SELECT 'text'"};
  constexpr sql::Query<std::tuple<std::int64_t>> two{"mistake_two", "SELECT 1, 2"};
  constexpr sql::Query<std::tuple<std::string>> null{"mistake_null", "SELECT NULL"};
  constexpr sql::Query<std::tuple<std::string>> nonsense{"mistake_syntax", "SELEKT"};

  CHECK_THROWS_AS(store.house.ask(store.database->one(text)), sql::BadStatement);
  CHECK_THROWS_AS(store.house.ask(store.database->one(two)), sql::BadStatement);
  CHECK_THROWS_AS(store.house.ask(store.database->one(null)), sql::BadStatement);
  CHECK_THROWS_AS(store.house.ask(store.database->one(nonsense)), sql::BadStatement);
  CHECK(store.database->available());
}

TEST_CASE("a reader cannot write") {
  Store store;
  constexpr sql::Query<std::tuple<std::string>> sneaky{"sneaky",
                                                       "INSERT INTO pairs VALUES ('sneaky', 1) RETURNING name"};

  CHECK_THROWS_AS(store.house.ask(store.database->one(sneaky)), sql::BadStatement);
  CHECK(store.count() == 0);
}

TEST_CASE("many writers on several workers read what was acknowledged to them") {
  Store store;
  std::vector<std::future<void>> running;

  for (int i = 0; i < 40; ++i)
    running.push_back(store.house.start(insert_many(*store.database, std::to_string(i) + "-", 10), i % 2));
  for (auto& each : running) each.get();

  CHECK(store.count() == 400);
}

TEST_CASE("what was acknowledged is in the files before the database is closed") {
  Store store;
  TestDirectory elsewhere;
  store.house.ask(store.database->execute(insert_pair, "kept", 7));
  store.house.ask(store.database->upsert_behind(save_pair, sql::key("behind"), sql::values(8)));

  std::filesystem::copy(store.directory.path() / "store", elsewhere.path() / "copy");
  auto copy = sql::open_sqlite(elsewhere.path() / "copy");

  REQUIRE(copy.has_value());
  CHECK(store.house.ask((*copy)->one(find_pair, "kept")) == std::tuple<std::int64_t>{7});
  CHECK(store.house.ask((*copy)->one(find_pair, "behind")) == std::tuple<std::int64_t>{8});
}

TEST_CASE("a duplicate fails its own caller and nobody else in the group") {
  Store store;
  store.house.ask(store.database->execute(insert_pair, "5", 5));
  std::vector<std::future<std::uint64_t>> running;

  for (int i = 0; i < 10; ++i)
    running.push_back(store.house.start(store.database->execute(insert_pair, std::to_string(i), i)));

  for (int i = 0; i < 10; ++i) {
    auto& each = running[static_cast<std::size_t>(i)];
    if (i == 5)
      CHECK_THROWS_AS(each.get(), sql::Constraint);
    else
      CHECK(each.get() == 1);
  }
  CHECK(store.count() == 10);
  CHECK(store.database->available());
}

TEST_CASE("a transaction happens as a whole or not at all") {
  Store store;

  CHECK_THROWS_WITH(store.house.ask(store.database->transaction(insert_two_then_fail)), "changed my mind");
  CHECK(store.count() == 0);

  const std::int64_t sum = store.house.ask(store.database->transaction([](sql::Transaction& transaction) {
    transaction.execute(insert_pair, "first", 1);
    transaction.upsert(save_pair, sql::key("second"), sql::values(2));
    return static_cast<std::int64_t>(transaction.all(all_pairs).size());
  }));
  CHECK(sum == 2);
  CHECK(store.count() == 2);
}

TEST_CASE("an upsert inserts, then replaces") {
  Store store;

  store.house.ask(store.database->upsert(save_pair, sql::key("a"), sql::values(1)));
  store.house.ask(store.database->upsert(save_pair, sql::key("a"), sql::values(2)));

  CHECK(store.number_of("a") == 2);
  CHECK(store.count() == 1);
}

TEST_CASE("the database ends what was submitted before it goes") {
  Store store;
  std::vector<std::future<std::uint64_t>> running;
  for (int i = 0; i < 100; ++i)
    running.push_back(store.house.start(store.database->execute(insert_pair, std::to_string(i), i)));
  for (auto& each : running) each.wait();
  store.house.ask(store.database->upsert_behind(save_pair, sql::key("last"), sql::values(1), sql::Until::queued));

  store.database.reset();

  auto again = sql::open_sqlite(store.directory.path() / "store");
  REQUIRE(again.has_value());
  CHECK(store.house.ask((*again)->one(find_pair, "last")) == std::tuple<std::int64_t>{1});
  CHECK(std::filesystem::file_size(store.directory.path() / "store" / "meerkat.sqlite") > 0);
}
