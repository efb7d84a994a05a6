// SPDX-License-Identifier: Apache-2.0
// Tables that are made and changed in real databases, while others do the same or while it takes its time.
#include <doctest/doctest.h>

#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <string_view>

#include "base/test_file_log.h"
#include "store/sql/pooled_database.h"
#include "store/sql/test_drivers.h"
#include "store/sql/test_house.h"

using namespace meerkat;
using namespace std::chrono_literals;

#define EVERY_SERVER OnPostgres, OnMariadb, OnOdbcPostgres, OnOdbcMariadb

namespace {

sql::Schema book_schema() {
  return {.name = "book", .tables = {sql::table("book").column("page", sql::integer()).primary_key("page")}};
}

constexpr sql::Query<std::tuple<std::int64_t>> count_pages{"page_count", "SELECT COUNT(*) FROM book"};

template <class Kind>
std::shared_ptr<sql::Database> open_database(std::chrono::milliseconds start_timeout,
                                             std::chrono::milliseconds query_timeout = 5s) {
  sql::RdbmsPoolOptions options = Kind::options();
  options.connection.query_timeout = query_timeout;
  options.pool.call_timeout = 2s;
  sql::Driver driver = Kind::driver(options);
  sql::PooledDatabaseSettings settings{.start_timeout = start_timeout};
  settings.pool = {.name = "rdbms.test", .options = options.pool, .depth = driver.depth};
  return std::make_shared<sql::PooledDatabase>(settings, driver.dialect, driver.make_session);
}

// Another server, which is changing tables until it is told to stop.
template <class Kind>
class OtherServer {
 public:
  OtherServer() {
    std::promise<void> has_it;
    end_ = house_.start(database_->transaction([&has_it, stop = stop_.get_future()](sql::Transaction& transaction) {
      transaction.run_query("lock", Kind::takes_lock, {}, 1);
      has_it.set_value();
      stop.wait();
    }));
    has_it.get_future().wait();
  }
  ~OtherServer() { stops(); }
  OtherServer(const OtherServer&) = delete;
  OtherServer& operator=(const OtherServer&) = delete;

  void stops() {
    if (!database_) return;
    stop_.set_value();
    end_.wait();
    database_.reset();  // and with its connection the lock
  }

 private:
  sql::TestHouse house_;
  std::shared_ptr<sql::Database> database_ = open_database<Kind>(10s);
  std::promise<void> stop_;
  std::future<void> end_;
};

}  // namespace

TEST_CASE_TEMPLATE("one server at a time changes tables, and who waits for it holds nobody up", Kind, EVERY_SERVER) {
  if (!Kind::is_there()) return;
  Kind::empty_database();
  const FileLog log;
  OtherServer<Kind> other;
  sql::TestHouse house;
  std::shared_ptr<sql::Database> database = open_database<Kind>(500ms);
  const SteadyTime before = std::chrono::steady_clock::now();
  database->prepare(book_schema());
  CHECK(log.count("pool_start_failed") == 1);
  CHECK_THROWS_AS(house.ask(database->one(count_pages)), Unavailable);
  CHECK(std::chrono::steady_clock::now() - before < 8s);

  SUBCASE("it is its turn in the end") {
    other.stops();
    database->migrate(book_schema());
    CHECK(house.ask(database->one(count_pages)) == std::tuple{std::int64_t{0}});
  }
  SUBCASE("a stop does not wait for it") {
    const SteadyTime stop = std::chrono::steady_clock::now();
    database.reset();
    CHECK(std::chrono::steady_clock::now() - stop < 3s);
  }
}

TEST_CASE_TEMPLATE("a change of tables may take longer than a statement, and a statement no longer after it", Kind,
                   EVERY_SERVER) {
  if (!Kind::is_there()) return;
  Kind::empty_database();
  sql::TestHouse house;
  const std::shared_ptr<sql::Database> database = open_database<Kind>(20s, 1s);
  database->prepare(book_schema());
  sql::Schema grown = book_schema();
  grown.migrations = {{1, "slowly", [](sql::Transaction& transaction) {
                         transaction.run_query("sleep", Kind::sleeps, {}, 1);
                         transaction.run_statement("grow", "ALTER TABLE book ADD COLUMN word TEXT", {});
                       }}};
  grown.tables = {
      sql::table("book").column("page", sql::integer()).column("word", sql::text().nullable()).primary_key("page")};
  database->prepare(grown);
  CHECK(database->available());
  CHECK(house.ask(database->one(count_pages)) == std::tuple{std::int64_t{0}});
}
