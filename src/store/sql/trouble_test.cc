// SPDX-License-Identifier: Apache-2.0
// The unhappy ways of the embedded store: full disks, wrong directories, strangers' files, newer schemas.
#include <doctest/doctest.h>
#include <sys/fsuid.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <string>
#include <tuple>

#include "base/test_directory.h"
#include "store/sql/migration.h"
#include "store/sql/test_house.h"

using namespace meerkat;
using namespace std::chrono_literals;

namespace {

constexpr sql::Statement<std::string_view> insert_note{"note_insert", "INSERT INTO notes (note) VALUES (?)"};
constexpr sql::Query<std::tuple<std::int64_t>> count_notes{"note_count", "SELECT COUNT(*) FROM notes"};
constexpr sql::Upsert save_mark{"mark_save", "marks", "name", "mark"};
constexpr sql::Query<std::tuple<std::string>, std::string_view> find_mark{"mark_find",
                                                                          "SELECT mark FROM marks WHERE name = ?"};

sql::Schema notes_schema() {
  return {.name = "notes",
          .tables = {sql::table("notes").column("id", sql::bigserial()).column("note", sql::text()).primary_key("id"),
                     sql::table("marks").column("name", sql::text()).column("mark", sql::text()).primary_key("name")}};
}

struct Store {
  explicit Store(sql::SqliteOptions options = {}) {
    auto opened = sql::open_sqlite(directory.path(), options);
    REQUIRE_MESSAGE(opened.has_value(), opened.error());
    database = std::move(*opened);
    database->prepare(notes_schema());
  }
  std::int64_t notes() { return std::get<0>(*house.ask(database->one(count_notes))); }
  void say(std::string pragma) {
    house.ask(database->transaction(
        [&pragma](sql::Transaction& transaction) { transaction.run_query("pragma", pragma, {}, 1); }));
  }

  TestDirectory directory;
  sql::TestHouse house;
  std::unique_ptr<sql::Database> database;
};

// Every write that would make a file longer fails with EFBIG, in the whole process.
class FilesCannotGrow {
 public:
  FilesCannotGrow() {
    std::signal(SIGXFSZ, SIG_IGN);
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit none{0, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &none);
  }
  ~FilesCannotGrow() { end(); }
  void end() const { ::setrlimit(RLIMIT_FSIZE, &before_); }

 private:
  rlimit before_{};
};

const std::string large(200'000, 'x');

void add_color(sql::Transaction& transaction) {
  transaction.run_statement("m", "ALTER TABLE notes ADD COLUMN color TEXT NOT NULL DEFAULT 'red'", {});
}
void fails_halfway(sql::Transaction& transaction) {
  add_color(transaction);
  throw sql::BadStatement("no");
}

std::string error_of(const std::filesystem::path& directory) {
  auto opened = sql::open_sqlite(directory);
  return opened ? "" : opened.error();
}

}  // namespace

TEST_CASE("a full disk is told to the caller, and the next write that fits succeeds") {
  Store store;
  store.say("PRAGMA max_page_count = 20");

  CHECK_THROWS_AS(store.house.ask(store.database->execute(insert_note, large)), sql::Unavailable);
  CHECK_THROWS_AS(store.house.ask(store.database->execute(insert_note, large)), sql::Unavailable);
  CHECK_FALSE(store.database->available());
  CHECK(store.notes() == 0);

  store.say("PRAGMA max_page_count = 100000");
  CHECK(store.house.ask(store.database->execute(insert_note, large)) == 1);
  CHECK(store.database->available());
}

TEST_CASE("a full disk keeps what waits in the queue and writes it when there is room") {
  Store store{{.behind_delay = 5ms}};
  store.say("PRAGMA max_page_count = 20");

  store.house.ask(store.database->upsert_behind(save_mark, sql::key("a"), sql::values(large), sql::Until::queued));
  CHECK_THROWS_AS(store.house.ask(store.database->upsert_behind(save_mark, sql::key("b"), sql::values(large))),
                  sql::Unavailable);
  store.say("PRAGMA max_page_count = 100000");
  store.house.ask(store.database->flush_behind());

  CHECK(store.house.ask(store.database->one(find_mark, "a")) == std::tuple<std::string>{large});
  CHECK_FALSE(store.house.ask(store.database->one(find_mark, "b")));
}

TEST_CASE("a full disk frees those who wait for room in the queue") {
  Store store{{.behind_delay = 5ms, .behind_bytes = 1000}};
  store.say("PRAGMA max_page_count = 20");

  store.house.ask(store.database->upsert_behind(save_mark, sql::key("a"), sql::values(large), sql::Until::queued));
  CHECK_THROWS_AS(
      store.house.ask(store.database->upsert_behind(save_mark, sql::key("b"), sql::values("b"), sql::Until::queued)),
      sql::Unavailable);
}

TEST_CASE("a store that turns read-only still reads") {
  Store store;
  store.house.ask(store.database->execute(insert_note, "before"));
  store.say("PRAGMA query_only = ON");

  CHECK_THROWS_AS(store.house.ask(store.database->execute(insert_note, "during")), sql::Unavailable);

  CHECK(store.notes() == 1);
  CHECK_FALSE(store.database->available());
}

TEST_CASE("a disk that takes no bytes is told to the caller, and used again when it does") {
  Store store;
  store.house.ask(store.database->execute(insert_note, "before"));
  const FilesCannotGrow meanwhile;

  CHECK_THROWS_AS(store.house.ask(store.database->execute(insert_note, large)), sql::Unavailable);
  CHECK(store.notes() == 1);
  CHECK_FALSE(store.database->available());

  meanwhile.end();
  store.house.ask(store.database->execute(insert_note, large));
  CHECK(store.notes() == 2);
  CHECK(store.database->available());
}

TEST_CASE("a missing directory is made for its owner alone, and so are the files") {
  const TestDirectory outside;
  const auto inside = outside.path() / "store";

  const auto opened = sql::open_sqlite(inside);

  REQUIRE(opened.has_value());
  struct stat found{};
  REQUIRE(::stat(inside.c_str(), &found) == 0);
  CHECK((found.st_mode & 0777) == 0700);
  REQUIRE(::stat((inside / "meerkat.sqlite-wal").c_str(), &found) == 0);
  CHECK((found.st_mode & 0777) == 0600);
}

TEST_CASE("a directory that cannot be made or written is named") {
  const TestDirectory outside;
  std::ofstream{outside.path() / "file"} << "not a directory";

  CHECK(error_of(outside.path() / "absent" / "store").starts_with((outside.path() / "absent" / "store").string()));
  CHECK(error_of(outside.path() / "file" / "store").find("Not a directory") != std::string::npos);
  CHECK(error_of(outside.path() / "file").starts_with((outside.path() / "file").string()));
}

TEST_CASE("a directory that may only be read is refused with its name") {
  const TestDirectory outside;
  REQUIRE(::chmod(outside.path().c_str(), 0555) == 0);
  // Root may write everywhere; this thread puts that right away for the files.
  if (::geteuid() == 0) ::setfsuid(65534);

  const std::string error = error_of(outside.path());

  if (::geteuid() == 0) ::setfsuid(0);
  CHECK(error.find(outside.path().string()) != std::string::npos);
  CHECK(error.find("Permission denied") != std::string::npos);
}

TEST_CASE("a second server is refused the directory of the first, until that one ends") {
  Store store;

  CHECK(error_of(store.directory.path()).find("another Meerkat is using this store") != std::string::npos);
  store.database.reset();

  CHECK(error_of(store.directory.path()).empty());
}

TEST_CASE("a file that is no database is not touched") {
  const TestDirectory directory;
  const auto file = directory.path() / sql::sqlite_file_name;
  std::ofstream{file} << std::string(5000, 'z');

  const std::string error = error_of(directory.path());

  CHECK(error.find("file is not a database") != std::string::npos);
  CHECK(std::filesystem::file_size(file) == 5000);
}

TEST_CASE("a migration is applied once, and to older tables alone") {
  Store store;
  store.house.ask(store.database->execute(insert_note, "old"));
  sql::Schema newer = notes_schema();
  newer.migrations.push_back({1, "notes have a color", add_color});

  store.database->prepare(newer);
  store.database->prepare(newer);

  constexpr sql::Query<std::tuple<std::string>> color{"color", "SELECT color FROM notes"};
  CHECK(store.house.ask(store.database->one(color)) == std::tuple<std::string>{"red"});
}

TEST_CASE("new tables are made in their newest form, without migrations") {
  const TestDirectory directory;
  sql::TestHouse house;
  auto database = sql::open_sqlite(directory.path());
  REQUIRE(database.has_value());
  sql::Schema schema = notes_schema();
  schema.tables[0] = std::move(schema.tables[0]).column("color", sql::text().with_default("'blue'"));
  schema.migrations.push_back({1, "notes have a color", add_color});

  (*database)->prepare(schema);
  house.ask((*database)->execute(insert_note, "new"));

  constexpr sql::Query<std::tuple<std::string>> color{"color", "SELECT color FROM notes"};
  CHECK(house.ask((*database)->one(color)) == std::tuple<std::string>{"blue"});
}

TEST_CASE("a migration that fails leaves everything as it was") {
  Store store;
  sql::Schema newer = notes_schema();
  newer.migrations.push_back({1, "fails", fails_halfway});

  CHECK_THROWS_AS(store.database->prepare(newer), sql::BadStatement);

  newer.migrations[0].run = add_color;
  CHECK_NOTHROW(store.database->prepare(newer));
}

TEST_CASE("tables that a newer program has changed are refused with words that help") {
  Store store;
  sql::Schema newer = notes_schema();
  newer.migrations.push_back({1, "notes have a color", add_color});
  store.database->prepare(newer);

  std::string words;
  try {
    store.database->prepare(notes_schema());
  } catch (const sql::SchemaRefused& refused) {
    words = refused.what();
  }

  CHECK(words.find(store.directory.path().string()) != std::string::npos);
  CHECK(words.find("newer Meerkat") != std::string::npos);
  CHECK(words.find("restore a backup") != std::string::npos);
}
