// SPDX-License-Identifier: Apache-2.0
// The ODBC driver when things go wrong, with a real PostgreSQL behind it.
#include <doctest/doctest.h>

#include <string>
#include <tuple>

#include "store/sql/test_drivers.h"
#include "store/sql/test_pool_store.h"

using namespace meerkat;
using namespace std::chrono_literals;

namespace {

constexpr sql::Query<std::tuple<std::int64_t>> own_process{"own_process", "SELECT pg_backend_pid()"};
constexpr sql::Statement<> update_slowly{"update_slowly", "UPDATE marks SET mark = CAST(pg_sleep(30) AS TEXT)"};

PoolStore make_store(const std::function<void(sql::RdbmsPoolOptions&)>& change = {}) {
  sql::RdbmsPoolOptions options = OnOdbcPostgres::options();
  if (change) change(options);
  return {sql::odbc_driver, std::move(options), own_process};
}

void prepare(PoolStore& store) {
  OnOdbcPostgres::empty_database();
  store.database->prepare(marks_schema());
  store.save("one");
}

}  // namespace

TEST_CASE("a statement through ODBC that takes too long is ended") {
  if (!OnOdbcPostgres::is_there()) return;
  PoolStore store = make_store([](sql::RdbmsPoolOptions& options) { options.connection.query_timeout = 1s; });
  prepare(store);
  const SteadyTime before = std::chrono::steady_clock::now();
  auto slow = store.house.start(store.database->execute(update_slowly));
  CHECK(failure_of(slow) != "none");
  CHECK(std::chrono::steady_clock::now() - before < 9s);
  REQUIRE(store.answers());
  CHECK(store.has("one"));
}

TEST_CASE("a connection through ODBC that the operator ends is replaced, and who was asking is told") {
  if (!OnOdbcPostgres::is_there()) return;
  PoolStore store = make_store();
  prepare(store);
  const std::int64_t process = store.process();
  auto slow = store.house.start(store.database->execute(update_slowly));
  REQUIRE(comes_true([&] {
    return postgres_service().ask("SELECT state FROM pg_stat_activity WHERE pid = " + std::to_string(process)) ==
           "active";
  }));
  postgres_service().ask("SELECT pg_terminate_backend(" + std::to_string(process) + ")");
  CHECK(failure_of(slow) != "none");
  REQUIRE(store.answers());
  CHECK(store.process() != process);
  CHECK(store.has("one"));
}

TEST_CASE("a server behind ODBC that says nothing is given up in time, and found again") {
  if (!OnOdbcPostgres::is_there()) return;
  PoolStore store = make_store([](sql::RdbmsPoolOptions& options) { options.connection.query_timeout = 1s; });
  prepare(store);
  postgres_service().tell("pause");
  const SteadyTime before = std::chrono::steady_clock::now();
  CHECK_THROWS_AS(store.save("two"), Unavailable);
  CHECK(std::chrono::steady_clock::now() - before < 9s);
  postgres_service().tell("go_on");
  CHECK(store.answers());
}

TEST_CASE("a data source of ODBC that is none is told to the operator") {
  if (!OnOdbcPostgres::is_there()) return;
  PoolStore store = make_store([](sql::RdbmsPoolOptions& options) { options.connection.settings = "DSN=nowhere"; });
  CHECK(store.comes_to_error("Data source name not found"));
}
