// SPDX-License-Identifier: Apache-2.0
// Test support: one real MariaDB server for all tests of a program, and pools to it.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "store/sql/rdbms_options.h"
#include "store/test_service.h"

namespace meerkat {

class MariadbService : public LiveService {
 public:
  explicit MariadbService(const std::vector<std::string>& arguments = {}) : LiveService("mariadb", arguments) {}

  // As the superuser; rows on one line.
  std::string ask(const std::string& text) { return tell("call sql " + text); }
  // As if it had just been made.
  void empty_database() { ask("DROP DATABASE meerkat; CREATE DATABASE meerkat CHARACTER SET utf8mb4"); }
};

inline MariadbService& mariadb_service() {
  static MariadbService service;
  return service;
}

inline sql::RdbmsPoolOptions mariadb_options(const LiveService& service) {
  sql::RdbmsPoolOptions options;
  options.pool.workers = 2;
  options.pool.call_timeout = std::chrono::milliseconds{10'000};
  sql::RdbmsConnection& connection = options.connection;
  connection.driver = sql::RdbmsDriver::mysql;
  connection.host = "127.0.0.1";
  connection.port = service.port();
  connection.database = connection.username = "meerkat";
  connection.password = "secret of meerkat";
  return options;
}

}  // namespace meerkat
