// SPDX-License-Identifier: Apache-2.0
// The way to a PostgreSQL server: address, TLS, login.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "net/tls_context.h"
#include "store/sql/rdbms_options.h"

struct pg_conn;

namespace meerkat::sql {

struct FreePostgres {
  void operator()(pg_conn* connection) const noexcept;
};
using PostgresHandle = std::unique_ptr<pg_conn, FreePostgres>;

// Immutable, shared by all workers of a pool.
class PostgresAddress {
 public:
  // Reads the files that the tls table names; throws std::runtime_error when one is not as it should be.
  explicit PostgresAddress(const RdbmsPoolOptions& options);

  // Connected, logged in, and in pipeline mode. Throws ConnectionLost with words for the operator. Looking up the name
  // of the host may take longer than `until`.
  PostgresHandle connect(SteadyTime until) const;

  // How long the server lets a statement run; zero for as long as it likes.
  std::chrono::milliseconds statement_timeout() const { return statement_timeout_; }

 private:
  enum class Tls : std::uint8_t { required, none };

  PostgresHandle connect(Tls tls, SteadyTime until) const;
  std::vector<std::pair<const char*, std::string>> words(Tls tls) const;
  void log_in(pg_conn* connection, SteadyTime until) const;
  void set_up(pg_conn* connection, SteadyTime until) const;

  const RdbmsConnection options_;
  const std::chrono::milliseconds statement_timeout_;
  std::shared_ptr<const TlsContext> trust_;  // null: any certificate will do
};

// Waits until the descriptor is ready for `events` of poll(2); false when the time is over.
bool wait_for_socket(int descriptor, short events, SteadyTime until);
// What libpq says of a failure, on one line.
std::string postgres_words(const pg_conn* connection);

}  // namespace meerkat::sql
