// SPDX-License-Identifier: Apache-2.0
// The PostgreSQL driver when things go wrong, against a real server: who asks is told in time, and the operator once.
#include <doctest/doctest.h>

#include <functional>
#include <future>
#include <string>
#include <tuple>

#include "base/test_file_log.h"
#include "store/sql/test_pool_store.h"
#include "store/sql/test_postgres.h"

using namespace meerkat;
using namespace std::chrono_literals;
using sql::key;
using sql::values;

namespace {

constexpr sql::Query<std::tuple<std::int64_t>> own_process{"own_process", "SELECT pg_backend_pid()"};
constexpr sql::Statement<double> update_slowly{"update_slowly", "UPDATE marks SET mark = pg_sleep(?)::text"};
constexpr sql::Statement<> sort_much{
    "sort_much",
    "INSERT INTO marks SELECT DISTINCT n::text, 'x' FROM generate_series(1, 200000) AS n ORDER BY 1 LIMIT 1"};

sql::RdbmsPoolOptions changed_options(PostgresService& service,
                                      const std::function<void(sql::RdbmsPoolOptions&)>& change) {
  sql::RdbmsPoolOptions options = postgres_options(service);
  options.connection.max_start_interval = 1s;
  if (change) change(options);
  return options;
}

struct Store : PoolStore {
  explicit Store(PostgresService& service, const std::function<void(sql::RdbmsPoolOptions&)>& change = {},
                 std::chrono::milliseconds start_timeout = 10s)
      : PoolStore(&sql::postgres_driver, changed_options(service, change), own_process, start_timeout),
        postgres(service) {}
  explicit operator bool() const { return postgres.is_there(); }
  void prepare() {
    postgres.empty_database();
    database->prepare(marks_schema());
  }

  PostgresService& postgres;
};

}  // namespace

TEST_CASE("a statement that takes too long is cancelled, and its connection stays") {
  Store store{postgres_service(), [](sql::RdbmsPoolOptions& options) { options.connection.query_timeout = 200ms; }};
  if (!store) return;
  store.prepare();
  store.save("one");
  const std::int64_t process = store.process();

  auto slow = store.house.start(store.database->execute(update_slowly, 30.0));
  try {
    slow.get();
    FAIL("it came to an end");
  } catch (const Unavailable& trouble) {
    CHECK(trouble.timed_out());
  }

  CHECK(store.process() == process);
}

TEST_CASE("a connection that the operator ends is replaced, and who was asking is told") {
  Store store{postgres_service()};
  if (!store) return;
  store.prepare();
  store.save("one");
  const std::int64_t process = store.process();
  auto slow = store.house.start(store.database->execute(update_slowly, 30.0));
  REQUIRE(comes_true([&] {
    return store.postgres.ask("SELECT state FROM pg_stat_activity WHERE pid = " + std::to_string(process)) == "active";
  }));

  store.postgres.ask("SELECT pg_terminate_backend(" + std::to_string(process) + ")");

  CHECK(failure_of(slow).contains("terminating connection"));
  CHECK(store.process() != process);
}

TEST_CASE("an idle connection that ends is replaced before anybody asks") {
  Store store{postgres_service()};
  if (!store) return;
  const std::int64_t process = store.process();
  store.postgres.ask("SELECT pg_terminate_backend(" + std::to_string(process) + ")");
  REQUIRE(store.comes_to_error("terminating connection"));
  CHECK(store.process() != process);
}

TEST_CASE("a server that is killed fails what it was asked, and is found again when it is back") {
  const FileLog log;
  Store store{postgres_service()};
  if (!store) return;
  store.prepare();
  store.save("one");
  auto slow = store.house.start(store.database->execute(update_slowly, 30.0));
  REQUIRE(comes_true([&] {
    return store.postgres.ask(
               "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE 'UPDATE%'") == "1";
  }));

  store.postgres.tell("kill");

  CHECK(failure_of(slow) != "none");
  REQUIRE(comes_true([&] { return store.status() == PoolWorkerStatus::down; }));
  CHECK_THROWS_AS(store.save("two"), Unavailable);
  CHECK(!store.database->available());
  store.house.ask(store.database->upsert_behind(save_mark, key("kept"), values("mark"), sql::Until::queued));
  store.postgres.tell("start");
  REQUIRE(store.answers());
  CHECK(comes_true([&] { return store.has("kept"); }));
  CHECK(store.has("one"));
  CHECK(log.count("pool_worker_down") == 1);
}

TEST_CASE("a server that is absent at the start gets its tables when it comes, before anything is asked of it") {
  PostgresService late{{"--absent"}};
  if (!late.is_there()) return;
  const FileLog log;
  Store store{late, {}, 100ms};
  store.database->prepare(marks_schema());
  CHECK(log.count("pool_start_failed") == 1);
  CHECK_THROWS_AS(store.save("one"), Unavailable);

  late.tell("start");

  REQUIRE(store.answers());
  store.save("one");
  CHECK(store.has("one"));

  SUBCASE("a server that says nothing is given up in time") {
    late.tell("pause");
    const SteadyTime before = std::chrono::steady_clock::now();
    CHECK_THROWS_AS(store.save("two"), Unavailable);
    CHECK(std::chrono::steady_clock::now() - before < 9s);
    late.tell("go_on");
    CHECK(store.answers());
  }
}

TEST_CASE("a wrong password is told to the operator and to who asks") {
  Store store{postgres_service(), [](sql::RdbmsPoolOptions& options) { options.connection.password = "guessed"; }};
  if (!store) return;
  REQUIRE(store.comes_to_error("password authentication failed"));
  REQUIRE(comes_true([&] { return store.status() == PoolWorkerStatus::down; }));
  CHECK(!store.last_error().contains("guessed"));
  CHECK_THROWS_AS(store.save("one"), Unavailable);
}

TEST_CASE("a database that may only be read answers reads, and gets later what was queued") {
  Store store{postgres_service()};
  if (!store) return;
  store.prepare();
  store.save("one");
  const std::string all = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'meerkat'";
  store.postgres.ask("ALTER ROLE meerkat SET default_transaction_read_only = on");
  store.postgres.ask(all);
  REQUIRE(store.answers());

  CHECK_THROWS_AS(store.save("two"), Unavailable);
  store.house.ask(store.database->upsert_behind(save_mark, key("kept"), values("mark"), sql::Until::queued));
  CHECK_THROWS_AS(store.house.ask(store.database->flush_behind()), Unavailable);
  CHECK(!store.database->available());
  CHECK(store.has("one"));

  store.postgres.ask("ALTER ROLE meerkat RESET default_transaction_read_only");
  store.postgres.ask(all);
  CHECK(comes_true([&] { return store.answers() && store.has("kept"); }));
  CHECK(comes_true([&] { return store.database->available(); }));
}

TEST_CASE("a disk without room refuses writes and nothing else") {
  if (!postgres_service().is_there()) return;
  postgres_service().ask("ALTER ROLE meerkat SET temp_file_limit = '64kB'");
  postgres_service().ask("ALTER ROLE meerkat SET work_mem = '64kB'");
  Store store{postgres_service()};
  store.prepare();

  CHECK_THROWS_AS(store.house.ask(store.database->execute(sort_much)), Unavailable);
  store.save("small");
  CHECK(store.has("small"));

  postgres_service().ask("ALTER ROLE meerkat RESET temp_file_limit");
  postgres_service().ask("ALTER ROLE meerkat RESET work_mem");
}

TEST_CASE("TLS: who is trusted, by verify_mode and certificate") {
  PostgresService service{{"--tls"}};
  if (!service.is_there()) return;
  using enum TlsOptions::Verify;
  struct Case {
    std::string certificate;
    TlsOptions::Verify verify_mode;
    std::string refusal;  // empty: it connects
  };
  const std::vector<Case> cases{
      {"good", peer, ""},
      {"good", selfsigned_peer, ""},
      {"good", none, ""},
      {"other_name", peer, "mismatch"},
      {"other_name", selfsigned_peer, "mismatch"},
      {"other_name", none, ""},
      {"expired", peer, "expired"},
      {"expired", selfsigned_peer, "expired"},
      {"expired", none, ""},
      {"self_signed", peer, "self-signed certificate"},
      {"self_signed", selfsigned_peer, ""},
      {"self_signed", none, ""},
  };
  std::string shown;
  std::string authority;
  for (const Case& each : cases) {
    CAPTURE(each.certificate);
    CAPTURE(static_cast<int>(each.verify_mode));
    if (std::exchange(shown, each.certificate) != each.certificate)
      authority = service.tell("call show_certificate " + each.certificate);
    Store store{service, [&](sql::RdbmsPoolOptions& options) {
                  options.connection.host = "localhost";
                  options.connection.tls = {{.verify_mode = each.verify_mode, .cacertfile = authority}, true};
                }};
    if (each.refusal.empty())
      CHECK(store.database->pool()->wait_until_connected(std::chrono::steady_clock::now() + 10s));
    else
      CHECK(store.comes_to_error(each.refusal));
  }
}

TEST_CASE("TLS: a server that asks for a certificate is shown that of the options") {
  PostgresService service{{"--tls"}};
  if (!service.is_there()) return;
  const ClientCertificates certificates{service};
  for (const auto& [certificate, refusal] : certificates.cases("certificate", "unknown ca")) {
    CAPTURE(certificate.first);
    Store store{service, [&](sql::RdbmsPoolOptions& options) {
                  options.connection.tls = {{.verify_mode = TlsOptions::Verify::none}, true};
                  show(options, certificate);
                }};
    if (refusal.empty())
      CHECK(store.connects());
    else
      CHECK(store.comes_to_error(refusal));
  }
}

TEST_CASE("TLS that is wanted is used where there is some, and insisted on only when it is required") {
  for (const bool required : {false, true}) {
    Store store{postgres_service(), [required](sql::RdbmsPoolOptions& options) {
                  options.connection.tls = {{.verify_mode = TlsOptions::Verify::none}, required};
                }};
    if (!store) return;
    if (required)
      CHECK(store.comes_to_error("does not support SSL"));
    else
      CHECK(store.database->pool()->wait_until_connected(std::chrono::steady_clock::now() + 10s));
  }
}
