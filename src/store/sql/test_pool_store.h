// SPDX-License-Identifier: Apache-2.0
// Test support: a pool with one worker to a real database, for looking at how it fails and comes back.
#pragma once

#include <doctest/doctest.h>

#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <sstream>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "store/sql/drivers.h"
#include "store/sql/pooled_database.h"
#include "store/sql/test_postgres.h"

namespace meerkat {

inline constexpr sql::Upsert save_mark{"mark_save", "marks", "name", "mark"};
inline constexpr sql::Query<std::tuple<std::string>, std::string_view> find_mark{
    "mark_find", "SELECT mark FROM marks WHERE name = ?"};

inline sql::Schema marks_schema() {
  return {
      .name = "marks",
      .tables = {sql::table("marks").column("name", sql::varchar(50)).column("mark", sql::text()).primary_key("name")}};
}

class PoolStore {
 public:
  using MakeDriver = sql::Driver (*)(const sql::RdbmsPoolOptions&);

  // `own_process` asks for the server's name of the connection.
  PoolStore(MakeDriver make_driver, sql::RdbmsPoolOptions options, sql::Query<std::tuple<std::int64_t>> own_process,
            std::chrono::milliseconds start_timeout = std::chrono::seconds{10})
      : own_process_(own_process) {
    options.pool.workers = 1;
    sql::Driver driver = make_driver(options);
    sql::PooledDatabaseSettings settings{.start_timeout = start_timeout};
    settings.pool = {.name = "rdbms.test", .options = options.pool, .depth = driver.depth};
    settings.pool.back_off = {std::chrono::milliseconds{20}, std::chrono::milliseconds{200}};
    settings.pool.connect_timeout = std::chrono::seconds{2};
    database = std::make_shared<sql::PooledDatabase>(settings, driver.dialect, driver.make_session);
  }

  void save(std::string_view name) { house.ask(database->upsert(save_mark, sql::key(name), sql::values("mark"))); }
  bool has(std::string_view name) { return house.ask(database->one(find_mark, std::string{name})).has_value(); }
  std::int64_t process() { return std::get<0>(*house.ask(database->one(own_process_))); }
  bool answers() {
    return comes_true([this] {
      try {
        process();
        return true;
      } catch (const Unavailable&) {
        return false;
      }
    });
  }
  std::string last_error() const { return database->pool()->workers().front().last_error; }
  bool comes_to_error(std::string_view words) const {
    const bool came = comes_true([&] { return last_error().contains(words); });
    if (!came) MESSAGE("the last error is: ", last_error());
    return came;
  }
  bool connects() const {
    const bool did =
        database->pool()->wait_until_connected(std::chrono::steady_clock::now() + std::chrono::seconds{10});
    if (!did) MESSAGE("the last error is: ", last_error());
    return did;
  }
  PoolWorkerStatus status() const { return database->pool()->workers().front().status; }

  sql::TestHouse house;
  std::shared_ptr<sql::Database> database;

 private:
  sql::Query<std::tuple<std::int64_t>> own_process_;
};

// Of a service that asks its clients for a certificate from now on.
class ClientCertificates {
 public:
  using Files = std::pair<std::string, std::string>;  // certificate and key; empty for none
  struct Case {
    Files files;
    std::string refusal;  // empty: it connects
  };

  explicit ClientCertificates(LiveService& service) {
    std::istringstream words{service.tell("call ask_for_certificate")};
    words >> known_.first >> known_.second >> stranger_.first >> stranger_.second;
  }
  std::vector<Case> cases(const std::string& without, const std::string& strange) const {
    return {{Files{}, without}, {stranger_, strange}, {known_, ""}};
  }

 private:
  Files known_;
  Files stranger_;
};

inline void show(sql::RdbmsPoolOptions& options, const ClientCertificates::Files& files) {
  if (files.first.empty()) return;
  options.connection.tls->client.certfile = files.first;
  options.connection.tls->client.keyfile = files.second;
}

// What who asked was told.
template <class T>
std::string failure_of(std::future<T>& future) {
  try {
    future.get();
  } catch (const Unavailable& trouble) {
    return trouble.what();
  }
  return "none";
}

}  // namespace meerkat
