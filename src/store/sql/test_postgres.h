// SPDX-License-Identifier: Apache-2.0
// Test support: one real PostgreSQL server for all tests of a program, and pools to it.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <thread>

#include "store/sql/drivers.h"
#include "store/sql/pooled_database.h"
#include "store/sql/rdbms_options.h"
#include "store/sql/test_house.h"
#include "store/test_service.h"

namespace meerkat {

class PostgresService : public LiveService {
 public:
  explicit PostgresService(const std::vector<std::string>& arguments = {}) : LiveService("postgres", arguments) {}

  // As the superuser; rows on one line.
  std::string ask(const std::string& text) { return tell("call psql " + text); }
  // As if it had just been made.
  void empty_database() { ask("DROP SCHEMA public CASCADE; CREATE SCHEMA public AUTHORIZATION meerkat"); }
};

// With TLS for those who want it.
inline PostgresService& postgres_service() {
  static PostgresService service;
  return service;
}

inline sql::RdbmsPoolOptions postgres_options(const LiveService& service) {
  sql::RdbmsPoolOptions options;
  options.pool.workers = 2;
  options.pool.call_timeout = std::chrono::milliseconds{10'000};
  sql::RdbmsConnection& connection = options.connection;
  connection.host = "127.0.0.1";
  connection.port = service.port();
  connection.database = connection.username = "meerkat";
  connection.password = "secret of meerkat";
  return options;
}

inline std::shared_ptr<sql::Database> open_postgres(const LiveService& service) {
  return sql::open_rdbms("rdbms.test", postgres_options(service));
}

// Looks again and again until it is so; false when that takes longer than ten seconds.
template <class Condition>
bool comes_true(Condition condition) {
  const SteadyTime until = std::chrono::steady_clock::now() + std::chrono::seconds{10};
  while (!condition()) {
    if (std::chrono::steady_clock::now() > until) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds{5});
  }
  return true;
}

}  // namespace meerkat
