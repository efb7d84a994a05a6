// SPDX-License-Identifier: Apache-2.0
// [outgoing_pools.rdbms.TAG]: which relational database, and how to reach it.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "config/section.h"
#include "net/tls_client_section.h"
#include "store/pool/pool_options.h"
#include "store/sql/database.h"

namespace meerkat::sql {

enum class RdbmsDriver : std::uint8_t { pgsql, mysql, odbc, sqlite };

struct RdbmsTls {
  TlsClientSettings client;
  bool required = false;  // a server without TLS is not talked to
};

struct RdbmsConnection {
  RdbmsDriver driver = RdbmsDriver::pgsql;
  std::optional<std::string> host, database, username, password;
  std::optional<std::uint16_t> port;
  std::optional<std::string> settings;  // of odbc
  std::optional<std::chrono::seconds> keepalive_interval;
  std::chrono::milliseconds query_timeout{5000};  // 0: none
  std::chrono::seconds max_start_interval{30};
  std::optional<RdbmsTls> tls;

  // The default one of the driver, if none was given.
  std::uint16_t port_or_usual() const;
};

struct RdbmsPoolOptions {
  PoolOptions pool{.call_timeout = std::chrono::milliseconds{60'000}};
  RdbmsConnection connection;
};

config::Section<RdbmsPoolOptions> rdbms_pool_section();

// The pool, called `name` in logs. It connects in the background; `prepare` waits for it. Throws std::runtime_error
// with a sentence for the operator when an embedded database cannot be opened.
std::shared_ptr<Database> open_rdbms(std::string name, const RdbmsPoolOptions& options);

}  // namespace meerkat::sql

template <>
struct meerkat::config::EnumNames<meerkat::sql::RdbmsDriver> {
  using enum meerkat::sql::RdbmsDriver;
  static constexpr EnumName names[] = {{pgsql, "pgsql"}, {mysql, "mysql"}, {odbc, "odbc"}, {sqlite, "sqlite"}};
};
