// SPDX-License-Identifier: Apache-2.0
#include "store/sql/rdbms_options.h"

#include <fmt/format.h>

namespace meerkat::sql {
namespace {

using namespace config;

std::string_view name_of(RdbmsDriver driver) {
  for (const auto& each : EnumNames<RdbmsDriver>::names)
    if (each.value == static_cast<std::int64_t>(driver)) return each.name;
  return {};
}

bool is_networked(RdbmsDriver driver) { return driver == RdbmsDriver::pgsql || driver == RdbmsDriver::mysql; }

void needs(const RdbmsConnection& connection, Checker& checker, std::string_view key, std::string_view what) {
  if (!checker.given(key))
    checker.refuse(fmt::format("the driver \"{}\" needs to know {} — give {}", name_of(connection.driver), what, key));
}

void has_no(const RdbmsConnection& connection, Checker& checker, std::string_view key, std::string_view instead) {
  if (checker.given(key))
    checker.refuse(key, fmt::format("the driver \"{}\" has no {} — {}", name_of(connection.driver), key, instead));
}

void check_driver(const RdbmsConnection& connection, Checker& checker) {
  if (is_networked(connection.driver)) {
    needs(connection, checker, "host", "where the database is");
    needs(connection, checker, "database", "its name");
    needs(connection, checker, "username", "who asks");
    needs(connection, checker, "password", "the password");
    has_no(connection, checker, "settings", "leave it out");
    return;
  }
  const bool is_odbc = connection.driver == RdbmsDriver::odbc;
  const std::string_view instead = is_odbc ? "say it in settings, or in odbc.ini" : "leave it out";
  for (const std::string_view key : {"host", "port", "username", "password", "tls"})
    has_no(connection, checker, key, instead);
  if (is_odbc) {
    has_no(connection, checker, "database", instead);
    needs(connection, checker, "settings", "the data source");
  } else {
    needs(connection, checker, "database", "the file");
    has_no(connection, checker, "settings", instead);
  }
}

Section<RdbmsTls> tls_section_of_rdbms() {
  using T = RdbmsTls;
  return Section<T>{"tls", "Encryption of the connection. Without this table there is none."}
      .include(&T::client, tls_client_section())
      .option("required", &T::required,
              "Talk only to a server that has TLS. Otherwise PostgreSQL is talked to without, if it has none.",
              needs_restart);
}

Section<RdbmsConnection> connection_section() {
  using C = RdbmsConnection;
  return Section<C>{"connection", "Which database, and how to reach it."}
      .option("driver", &C::driver, "Which kind of database it is.", mandatory, needs_restart, example("\"pgsql\""))
      .option("host", &C::host, "The machine of the database.", non_empty, needs_restart, example("\"db.example.org\""))
      .option("port", &C::port, "The port there; without it 5432 for pgsql and 3306 for mysql.", at_least(1),
              needs_restart, example("5432"))
      .option("database", &C::database, "The name of the database; with the driver sqlite its file.", non_empty,
              needs_restart, example("\"meerkat\""))
      .option("username", &C::username, "Who asks.", non_empty, needs_restart, example("\"meerkat\""))
      .option("password", &C::password, "The password of the user.", non_empty, secret, needs_restart,
              example("\"secret\""))
      .option("settings", &C::settings, "With the driver odbc: the connection string, as unixODBC reads it.", non_empty,
              secret, needs_restart, example("\"DSN=mydb\""))
      .option("keepalive_interval", &C::keepalive_interval,
              "How long a connection may be idle before it is asked for a sign of life.",
              at_least(std::chrono::seconds{1}), needs_restart, example("30"))
      .option("query_timeout", &C::query_timeout,
              "How long one statement may take; it is cancelled then. 0 means as long as it likes.", needs_restart)
      .option("max_start_interval", &C::max_start_interval, "The longest time between two attempts to connect.",
              at_least(std::chrono::seconds{1}), needs_restart)
      .section("tls", &C::tls, tls_section_of_rdbms())
      .check([](const C& connection, Checker& checker) {
        check_driver(connection, checker);
        if (!connection.tls) return;
        if (connection.driver == RdbmsDriver::mysql && connection.tls->required)
          checker.refuse("tls",
                         "with the driver \"mysql\" TLS is always required when there is a tls table — leave "
                         "tls.required out");
        if (connection.driver == RdbmsDriver::pgsql && !connection.tls->client.ciphers.empty())
          checker.warn("tls", "the driver \"pgsql\" chooses the ciphers itself, so tls.ciphers has no effect");
      });
}

}  // namespace

std::uint16_t RdbmsConnection::port_or_usual() const {
  return port.value_or(driver == RdbmsDriver::mysql ? 3306 : 5432);
}

Section<RdbmsPoolOptions> rdbms_pool_section() {
  using O = RdbmsPoolOptions;
  return Section<O>{"outgoing_pools.rdbms", "Connections to a relational database."}
      .include(&O::pool, pool_section(O{}.pool))
      .section("connection", &O::connection, connection_section(), mandatory);
}

}  // namespace meerkat::sql
