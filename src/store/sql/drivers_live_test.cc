// SPDX-License-Identifier: Apache-2.0
// Every driver against real databases: what comes back of values, statements, transactions and batches.
#include <doctest/doctest.h>

#include <algorithm>
#include <latch>
#include <string>
#include <tuple>
#include <vector>

#include "store/sql/test_drivers.h"

using namespace meerkat;
using namespace std::chrono_literals;
using sql::key;
using sql::values;

// SQLite bounds neither texts nor numbers, and has one writer at a time.
#define EVERY_SERVER OnPostgres, OnMariadb, OnOdbcPostgres, OnOdbcMariadb
#define EVERY_KIND EVERY_SERVER, OnOdbcSqlite

namespace {

using AllKinds = std::tuple<std::int64_t, std::int64_t, std::int64_t, std::int64_t, bool, double, std::string,
                            std::string, std::string, sql::Blob, std::string, std::string>;

constexpr sql::Statement<std::int64_t, std::int64_t, std::int64_t, bool, double, std::string_view, std::string_view,
                         std::string_view, sql::Blob, std::string_view, std::string_view>
    insert_kinds{"kinds_insert",
                 "INSERT INTO kinds (small, whole, big, flag, number, short, plain, lengthy, bytes, at, color) "
                 "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"};
constexpr sql::Query<AllKinds> all_kinds{
    "kinds_all", "SELECT id, small, whole, big, flag, number, short, plain, lengthy, bytes, at, color FROM kinds"};
constexpr sql::Query<std::tuple<std::optional<std::string>, std::optional<std::int64_t>, std::optional<sql::Blob>>>
    find_nulls{"nulls_find", "SELECT name, number, bytes FROM nulls"};
constexpr sql::Statement<std::optional<std::string>, std::optional<std::int64_t>, std::optional<sql::Blob>>
    insert_nulls{"nulls_insert", "INSERT INTO nulls (name, number, bytes) VALUES (?, ?, ?)"};
constexpr sql::Query<std::tuple<std::optional<std::int64_t>, std::int64_t>> sums{
    "kinds_sums", "SELECT SUM(big), COUNT(*) FROM kinds"};

constexpr sql::Upsert save_note{"note_save", "notes", "server, number", "note, seen"};
constexpr sql::Query<std::tuple<std::string, bool>, std::string_view, std::int64_t> find_note{
    "note_find", "SELECT note, seen FROM notes WHERE server = ? AND number = ?"};
constexpr sql::Query<std::tuple<std::int64_t>> count_notes{"note_count", "SELECT COUNT(*) FROM notes"};
constexpr sql::Statement<std::int64_t, std::string_view> insert_note{
    "note_insert", "INSERT INTO notes (server, number, note, seen) VALUES ('s', ?, ?, TRUE)"};
constexpr sql::Statement<std::int64_t> insert_page{"page_insert", "INSERT INTO pages (server, number) VALUES ('s', ?)"};
constexpr sql::Statement<> wrong_statement{"wrong", "SELECT no_such_column FROM notes"};
constexpr sql::Statement<std::int64_t> delete_notes{"note_delete", "DELETE FROM notes WHERE number >= ?"};

sql::Schema test_schema() {
  return {.name = "test",
          .tables = {sql::table("kinds")
                         .column("id", sql::bigserial())
                         .column("small", sql::smallint())
                         .column("whole", sql::integer())
                         .column("big", sql::bigint())
                         .column("flag", sql::boolean())
                         .column("number", sql::real())
                         .column("short", sql::varchar(20))
                         .column("plain", sql::text())
                         .column("lengthy", sql::large_text())
                         .column("bytes", sql::blob())
                         .column("at", sql::timestamp())
                         .column("color", sql::choice({"red", "blue"}))
                         .primary_key("id"),
                     sql::table("nulls")
                         .column("name", sql::text().nullable())
                         .column("number", sql::integer().nullable())
                         .column("bytes", sql::blob().nullable()),
                     sql::table("notes")
                         .column("server", sql::varchar(10))
                         .column("number", sql::integer())
                         .column("note", sql::varchar(100))
                         .column("seen", sql::boolean())
                         .column("created_at", sql::timestamp().default_now())
                         .primary_key("server, number"),
                     sql::table("pages")
                         .column("server", sql::varchar(10))
                         .column("number", sql::integer())
                         .references("server, number", "notes", "server, number")}};
}

template <class Kind>
struct Store {
  Store() {
    if (!Kind::is_there()) return;
    Kind::empty_database();
    open();
    database->prepare(test_schema());
  }
  void open() { database = sql::open_rdbms("rdbms.test", Kind::options()); }
  explicit operator bool() const { return database != nullptr; }
  std::int64_t notes() { return std::get<0>(*house.ask(database->one(count_notes))); }
  sql::Constraint::Kind refusal(Task<std::uint64_t> statement) {
    try {
      house.ask(std::move(statement));
    } catch (const sql::Constraint& conflict) {
      return conflict.kind();
    }
    FAIL("it was taken");
    return {};
  }

  sql::TestHouse house;
  std::shared_ptr<sql::Database> database;
};

}  // namespace

TEST_CASE_TEMPLATE("every kind of column brings back what was written", Kind, EVERY_KIND) {
  Store<Kind> store;
  if (!store) return;
  const std::string odd = "zoë 🐱 'quoted' \\ \"double\" \n";
  const sql::Blob bytes{std::string("\0\1\xff\\x", 5)};

  store.house.ask(store.database->execute(insert_kinds, -32768, 2147483647, INT64_MIN, true, -1.25e-300, "short", odd,
                                          std::string(100'000, 'l'), bytes, "2026-11-22 00:12:34", "blue"));

  const auto row = store.house.ask(store.database->one(all_kinds));
  REQUIRE(row);
  CHECK(*row == AllKinds{1, -32768, 2147483647, INT64_MIN, true, -1.25e-300, "short", odd, std::string(100'000, 'l'),
                         bytes, "2026-11-22 00:12:34", "blue"});
  CHECK(store.house.ask(store.database->one(sums)) == std::tuple{std::optional{INT64_MIN}, std::int64_t{1}});
}

TEST_CASE_TEMPLATE("nothing stays nothing, and no bytes stay no bytes", Kind, EVERY_KIND) {
  Store<Kind> store;
  if (!store) return;
  store.house.ask(store.database->execute(insert_nulls, std::nullopt, std::nullopt, std::nullopt));
  CHECK(
      store.house.ask(store.database->all(find_nulls)) ==
      std::vector{std::tuple{std::optional<std::string>{}, std::optional<std::int64_t>{}, std::optional<sql::Blob>{}}});
  store.house.ask(store.database->execute(insert_nulls, "", 0, sql::Blob{}));
  CHECK(store.house.ask(store.database->all(find_nulls)).back() ==
        std::tuple{std::optional<std::string>{""}, std::optional<std::int64_t>{0}, std::optional{sql::Blob{}}});
}

TEST_CASE_TEMPLATE("an upsert inserts, then replaces; a removal removes", Kind, EVERY_KIND) {
  Store<Kind> store;
  if (!store) return;
  store.house.ask(store.database->upsert(save_note, key("s", 1), values("first", false)));
  store.house.ask(store.database->upsert(save_note, key("s", 1), values("second", true)));
  CHECK(store.house.ask(store.database->one(find_note, "s", 1)) == std::tuple{std::string{"second"}, true});
  CHECK(store.house.ask(store.database->execute(delete_notes, 0)) == 1);
  CHECK(store.notes() == 0);
}

TEST_CASE_TEMPLATE("what rows and statements are refused for is told apart", Kind, EVERY_SERVER) {
  Store<Kind> store;
  if (!store) return;
  using enum sql::Constraint::Kind;
  store.house.ask(store.database->execute(insert_note, 1, "one"));
  CHECK(store.refusal(store.database->execute(insert_note, 1, "again")) == duplicate);
  CHECK(store.refusal(store.database->execute(insert_page, 7)) == foreign_key);
  CHECK(store.refusal(store.database->execute(insert_note, 2, std::string(101, 'n'))) == other);
  CHECK(store.refusal(store.database->execute(insert_note, std::int64_t{1} << 40, "far")) == other);
  if (!Kind::takes_zero_bytes)
    CHECK(store.refusal(store.database->execute(insert_note, 3, std::string_view{"a\0b", 3})) == other);
  CHECK_THROWS_AS(store.house.ask(store.database->execute(wrong_statement)), sql::BadStatement);
  CHECK(store.notes() == 1);
}

TEST_CASE_TEMPLATE("a transaction happens as a whole, or not at all", Kind, EVERY_KIND) {
  Store<Kind> store;
  if (!store) return;
  store.house.ask(store.database->transaction([](sql::Transaction& transaction) {
    transaction.execute(insert_note, 1, "one");
    transaction.execute(insert_page, 1);
  }));
  CHECK_THROWS_AS(store.house.ask(store.database->transaction([](sql::Transaction& transaction) {
    transaction.execute(insert_note, 2, "two");
    transaction.execute(insert_note, 1, "again");
  })),
                  sql::Constraint);
  CHECK_THROWS_AS(store.house.ask(store.database->transaction([](sql::Transaction& transaction) {
    transaction.execute(insert_note, 3, "three");
    throw std::runtime_error{"changed my mind"};
  })),
                  std::runtime_error);
  CHECK(store.notes() == 1);
}

TEST_CASE_TEMPLATE("of two transactions in each other's way one is run again", Kind, EVERY_SERVER) {
  Store<Kind> store;
  if (!store) return;
  for (int number : {1, 2}) store.house.ask(store.database->execute(insert_note, number, ""));
  // Each needs a connection of its own.
  REQUIRE(comes_true([&] {
    return std::ranges::all_of(store.database->pool()->workers(),
                               [](const PoolWorkerState& worker) { return worker.status == PoolWorkerStatus::up; });
  }));
  std::latch both_have_one{2};
  const auto take_both = [&](std::int64_t first, std::int64_t second, std::string_view who) {
    return store.database->transaction([&, first, second, who, runs = 0](sql::Transaction& transaction) mutable {
      transaction.upsert(save_note, key("s", first), values(who, true));
      if (++runs == 1) both_have_one.arrive_and_wait();
      transaction.upsert(save_note, key("s", second), values(who, true));
    });
  };
  auto one = store.house.start(take_both(1, 2, "one"), 0);
  auto two = store.house.start(take_both(2, 1, "two"), 1);
  one.get();
  two.get();
  const auto first = store.house.ask(store.database->one(find_note, "s", 1));
  CHECK(first == store.house.ask(store.database->one(find_note, "s", 2)));
}

TEST_CASE_TEMPLATE("of many statements on their way at once, those that are wrong fail alone", Kind, EVERY_SERVER) {
  Store<Kind> store;
  if (!store) return;
  std::vector<std::future<std::uint64_t>> writes;
  std::vector<std::future<std::optional<std::tuple<std::string, bool>>>> reads;
  for (std::int64_t i = 0; i < 300; ++i) {
    const std::int64_t number = i % 10 == 9 ? i - 1 : i;
    writes.push_back(store.house.start(store.database->execute(insert_note, number, std::to_string(number)), 0));
  }
  int refused = 0;
  for (auto& write : writes) {
    try {
      write.get();
    } catch (const sql::Constraint&) {
      ++refused;
    }
  }
  CHECK(refused == 30);
  CHECK(store.notes() == 270);
  reads.reserve(300);
  for (std::int64_t i = 0; i < 300; ++i) reads.push_back(store.house.start(store.database->one(find_note, "s", i), 1));
  for (std::int64_t i = 0; i < 300; ++i) {
    const auto row = reads[static_cast<std::size_t>(i)].get();
    if (i % 10 == 9)
      CHECK(!row);
    else
      CHECK(row == std::tuple{std::to_string(i), true});
  }
}

TEST_CASE_TEMPLATE("of upserts that are written together each has its own answer", Kind, EVERY_SERVER) {
  Store<Kind> store;
  if (!store) return;
  std::vector<std::future<void>> ends;
  for (int i = 0; i < 400; ++i) {
    const std::string note(i == 77 ? 101 : 5, 'n');
    ends.push_back(store.house.start(store.database->upsert(save_note, key("s", i / 2), values(note, true)), 0));
  }
  for (std::size_t i = 0; i < ends.size(); ++i) {
    if (i == 77)
      CHECK_THROWS_AS(ends[i].get(), sql::Constraint);
    else
      CHECK_NOTHROW(ends[i].get());
  }
  CHECK(store.notes() == 200);
}

TEST_CASE_TEMPLATE("rows of the write-behind queue are written many at once, and a bad one alone is refused", Kind,
                   EVERY_SERVER) {
  Store<Kind> store;
  if (!store) return;
  std::vector<std::future<void>> rows;
  for (std::int64_t i = 0; i < 2500; ++i) {
    const std::string note(i == 1234 ? 101 : 5, 'n');
    rows.push_back(store.house.start(store.database->upsert_behind(save_note, key("s", i), values(note, i % 2 == 0))));
  }
  int refused = 0;
  for (auto& row : rows) {
    try {
      row.get();
    } catch (const sql::Constraint&) {
      ++refused;
    }
  }
  CHECK(refused == 1);
  CHECK(store.notes() == 2499);

  for (std::int64_t i = 0; i < 200; ++i)
    store.house.ask(store.database->remove_behind(save_note, key("s", i), sql::Until::queued));
  store.house.ask(store.database->upsert_behind(save_note, key("s", 2000), values("newer", false), sql::Until::queued));
  store.house.ask(store.database->flush_behind());
  CHECK(store.notes() == 2299);
  CHECK(store.house.ask(store.database->one(find_note, "s", 2000)) == std::tuple{std::string{"newer"}, false});
}

TEST_CASE_TEMPLATE("what stands in the write-behind queue is written before the end", Kind, EVERY_KIND) {
  Store<Kind> store;
  if (!store) return;
  store.house.ask(store.database->upsert_behind(save_note, key("s", 1), values("kept", true), sql::Until::queued));
  store.database.reset();
  store.open();
  CHECK(store.notes() == 1);
}

TEST_CASE_TEMPLATE("an older schema is brought up to date, also while statements are prepared", Kind, EVERY_KIND) {
  Store<Kind> store;
  if (!store) return;
  constexpr sql::Query<std::tuple<std::int64_t, std::string>> all_of_it{"grown_all", "SELECT * FROM grown"};
  const auto add_word = [](sql::Transaction& transaction) {
    transaction.run_statement("grow", "ALTER TABLE grown ADD COLUMN word TEXT NOT NULL DEFAULT 'w'", {});
  };
  const sql::Table before = sql::table("grown").column("id", sql::integer()).primary_key("id");
  store.database->prepare({.name = "grown", .tables = {before}});
  store.house.ask(store.database->transaction([](sql::Transaction& transaction) {
    transaction.run_statement("grown_insert", "INSERT INTO grown (id) VALUES (7)", {});
  }));
  CHECK_THROWS_AS(store.house.ask(store.database->one(all_of_it)), sql::BadStatement);

  store.database->prepare(
      {.name = "grown",
       .tables = {sql::table("grown").column("id", sql::integer()).column("word", sql::text()).primary_key("id")},
       .migrations = {{1, "words", add_word}}});

  CHECK(store.house.ask(store.database->one(all_of_it)) == std::tuple{std::int64_t{7}, std::string{"w"}});
  CHECK_THROWS_AS(store.database->prepare({.name = "grown", .tables = {before}}), sql::SchemaRefused);
}
