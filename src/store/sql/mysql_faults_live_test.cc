// SPDX-License-Identifier: Apache-2.0
// The MySQL driver when things go wrong, against a real server: who asks is told in time, and the operator once.
#include <doctest/doctest.h>

#include <atomic>
#include <future>
#include <string>
#include <tuple>
#include <vector>

#include "base/test_file_log.h"
#include "store/sql/test_mariadb.h"
#include "store/sql/test_pool_store.h"

using namespace meerkat;
using namespace std::chrono_literals;

namespace {

constexpr sql::Query<std::tuple<std::int64_t>> own_process{"own_process", "SELECT CONNECTION_ID()"};
constexpr sql::Statement<double> update_slowly{"update_slowly", "UPDATE marks SET mark = SLEEP(?)"};

PoolStore make_store(const LiveService& service, const std::function<void(sql::RdbmsPoolOptions&)>& change = {},
                     std::chrono::milliseconds start_timeout = 10s) {
  sql::RdbmsPoolOptions options = mariadb_options(service);
  if (change) change(options);
  return {sql::mysql_driver, std::move(options), own_process, start_timeout};
}

void prepare(PoolStore& store) {
  mariadb_service().empty_database();
  store.database->prepare(marks_schema());
  store.save("one");
}

bool is_sleeping() {
  return comes_true([] {
    return mariadb_service().ask("SELECT COUNT(*) FROM information_schema.processlist WHERE state = 'User sleep'") ==
           "1";
  });
}

}  // namespace

TEST_CASE("MariaDB ends a statement that takes too long, and its connection stays") {
  if (!mariadb_service().is_there()) return;
  PoolStore store =
      make_store(mariadb_service(), [](sql::RdbmsPoolOptions& options) { options.connection.query_timeout = 300ms; });
  prepare(store);
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

TEST_CASE("a connection to MariaDB that the operator ends is replaced, and who was asking is told") {
  if (!mariadb_service().is_there()) return;
  PoolStore store = make_store(mariadb_service());
  prepare(store);
  const std::int64_t process = store.process();
  auto slow = store.house.start(store.database->execute(update_slowly, 30.0));
  REQUIRE(is_sleeping());

  mariadb_service().ask("KILL CONNECTION " + std::to_string(process));

  CHECK(failure_of(slow) != "none");
  CHECK(store.process() != process);

  const std::int64_t next = store.process();
  mariadb_service().ask("KILL CONNECTION " + std::to_string(next));
  CHECK(comes_true([&] { return store.process() != next; }));
}

TEST_CASE("MariaDB is killed, and found again when it is back") {
  if (!mariadb_service().is_there()) return;
  const FileLog log;
  PoolStore store = make_store(mariadb_service());
  prepare(store);
  auto slow = store.house.start(store.database->execute(update_slowly, 30.0));
  REQUIRE(is_sleeping());

  mariadb_service().tell("kill");

  CHECK(failure_of(slow) != "none");
  REQUIRE(comes_true([&] { return store.status() == PoolWorkerStatus::down; }));
  CHECK_THROWS_AS(store.save("two"), Unavailable);
  CHECK(!store.database->available());
  store.house.ask(store.database->upsert_behind(save_mark, sql::key("kept"), sql::values("mark"), sql::Until::queued));
  mariadb_service().tell("start");
  REQUIRE(store.answers());
  CHECK(comes_true([&] { return store.has("kept"); }));
  CHECK(store.has("one"));
  CHECK(log.count("pool_worker_down") == 1);
}

TEST_CASE("MariaDB that is absent at the start, or says nothing, does not keep anybody waiting") {
  MariadbService late{{"--absent"}};
  if (!late.is_there()) return;
  PoolStore store = make_store(late, {}, 100ms);
  store.database->prepare(marks_schema());
  CHECK_THROWS_AS(store.save("one"), Unavailable);

  late.tell("start");
  REQUIRE(store.answers());
  store.save("one");
  CHECK(store.has("one"));

  late.tell("pause");
  const SteadyTime before = std::chrono::steady_clock::now();
  CHECK_THROWS_AS(store.save("two"), Unavailable);
  CHECK(std::chrono::steady_clock::now() - before < 9s);
  late.tell("go_on");
  CHECK(store.answers());
}

TEST_CASE("MariaDB's refusal of a password is told to the operator and to who asks") {
  if (!mariadb_service().is_there()) return;
  PoolStore store =
      make_store(mariadb_service(), [](sql::RdbmsPoolOptions& options) { options.connection.password = "guessed"; });
  REQUIRE(store.comes_to_error("Access denied"));
  REQUIRE(comes_true([&] { return store.status() == PoolWorkerStatus::down; }));
  CHECK(!store.last_error().contains("guessed"));
  CHECK_THROWS_AS(store.save("one"), Unavailable);
}

TEST_CASE("MariaDB that may only be read answers reads, and gets later what was queued") {
  if (!mariadb_service().is_there()) return;
  PoolStore store = make_store(mariadb_service());
  prepare(store);
  mariadb_service().ask("SET GLOBAL read_only = 1");

  CHECK_THROWS_AS(store.save("two"), Unavailable);
  store.house.ask(store.database->upsert_behind(save_mark, sql::key("kept"), sql::values("mark"), sql::Until::queued));
  CHECK_THROWS_AS(store.house.ask(store.database->flush_behind()), Unavailable);
  CHECK(!store.database->available());
  CHECK(store.has("one"));

  mariadb_service().ask("SET GLOBAL read_only = 0");
  CHECK(comes_true([&] { return store.has("kept"); }));
  CHECK(comes_true([&] { return store.database->available(); }));
}

TEST_CASE("TLS to MariaDB: who is trusted, by verify_mode and certificate") {
  MariadbService service{{"--tls"}};
  if (!service.is_there()) return;
  using enum TlsOptions::Verify;
  struct Case {
    std::string certificate;
    TlsOptions::Verify verify_mode;
    bool connects;
  };
  const std::vector<Case> cases{
      {"good", peer, true},         {"good", selfsigned_peer, true},     {"good", none, true},
      {"other_name", peer, false},  {"other_name", none, true},          {"other_name", selfsigned_peer, false},
      {"expired", peer, false},     {"expired", selfsigned_peer, false}, {"expired", none, true},
      {"self_signed", peer, false}, {"self_signed", none, true},         {"self_signed", selfsigned_peer, true}};
  for (const Case& each : cases) {
    CAPTURE(each.certificate);
    CAPTURE(static_cast<int>(each.verify_mode));
    const std::string authority = service.tell("call show_certificate " + each.certificate);
    PoolStore store = make_store(service, [&](sql::RdbmsPoolOptions& options) {
      options.connection.host = "localhost";
      options.connection.tls = {{.verify_mode = each.verify_mode, .cacertfile = authority}, false};
    });
    if (each.connects)
      CHECK(store.connects());
    else
      CHECK(store.comes_to_error("certificate"));
  }
  PoolStore plain = make_store(service);
  CHECK(plain.comes_to_error("Access denied"));
}

TEST_CASE("MariaDB that asks for a certificate is shown that of the options") {
  MariadbService service{{"--tls"}};
  if (!service.is_there()) return;
  const ClientCertificates certificates{service};
  for (const auto& [certificate, refusal] : certificates.cases("Access denied", "error")) {
    CAPTURE(certificate.first);
    PoolStore store = make_store(service, [&](sql::RdbmsPoolOptions& options) {
      options.connection.tls = {{.verify_mode = TlsOptions::Verify::none}, false};
      show(options, certificate);
    });
    if (refusal.empty())
      CHECK(store.connects());
    else
      CHECK(store.comes_to_error(refusal));
  }
}

TEST_CASE("who waits too long for a row of somebody else begins again, and is told when that does not help") {
  if (!mariadb_service().is_there()) return;
  mariadb_service().ask("SET GLOBAL innodb_lock_wait_timeout = 1");
  PoolStore holder =
      make_store(mariadb_service(), [](sql::RdbmsPoolOptions& options) { options.pool.call_timeout = 60s; });
  PoolStore waiter =
      make_store(mariadb_service(), [](sql::RdbmsPoolOptions& options) { options.pool.call_timeout = 5s; });
  prepare(holder);
  waiter.database->prepare(marks_schema());
  std::promise<void> has_it;
  std::promise<void> stop;
  auto holds = holder.house.start(holder.database->transaction([&](sql::Transaction& transaction) {
    transaction.upsert(save_mark, sql::key("one"), sql::values("held"));
    has_it.set_value();
    stop.get_future().wait();
  }));
  has_it.get_future().wait();
  std::atomic<int> runs{0};
  auto waits = waiter.house.start(waiter.database->transaction([&](sql::Transaction& transaction) {
    ++runs;
    transaction.upsert(save_mark, sql::key("one"), sql::values("waited"));
  }));
  CHECK(comes_true([&] { return runs >= 3; }));

  SUBCASE("when the row is free") {
    stop.set_value();
    holds.get();
    waits.get();
    const auto row = holder.house.ask(holder.database->one(find_mark, "one"));
    REQUIRE(row);
    CHECK(std::get<0>(*row) == "waited");
  }
  SUBCASE("when it stays taken") {
    CHECK(failure_of(waits) != "none");
    CHECK(runs <= 10);
    auto single = waiter.house.start(waiter.database->upsert(save_mark, sql::key("one"), sql::values("single")));
    CHECK(failure_of(single) != "none");
    stop.set_value();
    holds.get();
    waiter.save("one");
  }
  mariadb_service().ask("SET GLOBAL innodb_lock_wait_timeout = 50");
}

TEST_CASE("who wants TLS does not talk to a MariaDB without") {
  if (!mariadb_service().is_there()) return;
  PoolStore store = make_store(mariadb_service(), [](sql::RdbmsPoolOptions& options) {
    options.connection.tls = {{.verify_mode = TlsOptions::Verify::none}, false};
  });
  CHECK(store.comes_to_error("TLS"));
}
