// SPDX-License-Identifier: Apache-2.0
// Test support: the databases that every driver's cases are run against. Each kind is a type for doctest's templates.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <string_view>

#include "base/test_directory.h"
#include "store/sql/drivers.h"
#include "store/sql/test_mariadb.h"
#include "store/sql/test_postgres.h"

namespace meerkat {

struct OnPostgres {
  static constexpr auto driver = &sql::postgres_driver;
  static constexpr std::string_view takes_lock = "SELECT CAST(pg_advisory_xact_lock(5222526952805280) AS TEXT)";
  static constexpr std::string_view sleeps = "SELECT CAST(pg_sleep(2.5) AS TEXT)";
  static constexpr bool takes_zero_bytes = false;
  static bool is_there() { return postgres_service().is_there(); }
  static void empty_database() { postgres_service().empty_database(); }
  static sql::RdbmsPoolOptions options() { return postgres_options(postgres_service()); }
};

struct OnMariadb {
  static constexpr auto driver = &sql::mysql_driver;
  static constexpr std::string_view takes_lock = "SELECT GET_LOCK('meerkat_schema', 10)";
  static constexpr std::string_view sleeps = "SELECT SLEEP(2.5)";
  static constexpr bool takes_zero_bytes = true;
  static bool is_there() { return mariadb_service().is_there(); }
  static void empty_database() { mariadb_service().empty_database(); }
  static sql::RdbmsPoolOptions options() { return mariadb_options(mariadb_service()); }
};

// Data sources of unixODBC, in a folder of the test's own.
class OdbcSources {
 public:
  static OdbcSources& get() {
    static OdbcSources sources;
    return sources;
  }

  // False, and has said why, when the driver is not installed.
  static bool has_driver(const std::string& file) {
    if (std::filesystem::exists(folder_of_drivers + file)) return true;
    MESSAGE("skipped: skipped the ODBC driver ", file, " is not installed; ./dev deps installs it");
    return false;
  }
  std::filesystem::path sqlite_file() const { return directory_.path() / "odbc.sqlite"; }

  void define(const std::string& name, const std::string& driver, const std::string& settings) {
    texts_[name] = "[" + name + "]\nDriver=" + folder_of_drivers + driver + "\n" + settings;
    std::ofstream file{directory_.path() / "odbc.ini"};
    for (const auto& [source, text] : texts_) file << text << '\n';
  }
  static sql::RdbmsPoolOptions options(const std::string& settings) {
    sql::RdbmsPoolOptions options;
    options.pool.workers = 2;
    options.pool.call_timeout = std::chrono::milliseconds{60'000};  // a thousand rows one by one, on a busy machine
    options.connection.driver = sql::RdbmsDriver::odbc;
    options.connection.settings = settings;
    return options;
  }

 private:
  OdbcSources() {
    ::setenv("ODBCSYSINI", directory_.path().c_str(), 1);
    ::setenv("ODBCINI", (directory_.path() / "odbc.ini").c_str(), 1);
    std::ofstream{directory_.path() / "odbcinst.ini"} << "[ODBC]\nTrace=No\n";
  }

  static inline const std::string folder_of_drivers = "/usr/lib/x86_64-linux-gnu/odbc/";
  TestDirectory directory_;
  std::map<std::string, std::string> texts_;
};

struct OnOdbcPostgres {
  static constexpr auto driver = &sql::odbc_driver;
  static constexpr std::string_view takes_lock = OnPostgres::takes_lock;
  static constexpr std::string_view sleeps = OnPostgres::sleeps;
  static constexpr bool takes_zero_bytes = true;  // ends the text there
  static bool is_there() { return OdbcSources::has_driver("psqlodbca.so") && OnPostgres::is_there(); }
  static void empty_database() { OnPostgres::empty_database(); }
  static sql::RdbmsPoolOptions options() {
    OdbcSources::get().define("meerkat_pg", "psqlodbca.so",
                              "Servername=127.0.0.1\nPort=" + postgres_service().port_text() +
                                  "\nDatabase=meerkat\nUsername=meerkat\nPassword=secret of meerkat\n");
    return OdbcSources::options("DSN=meerkat_pg");
  }
};

struct OnOdbcMariadb {
  static constexpr auto driver = &sql::odbc_driver;
  static constexpr std::string_view takes_lock = OnMariadb::takes_lock;
  static constexpr std::string_view sleeps = OnMariadb::sleeps;
  static constexpr bool takes_zero_bytes = true;
  static bool is_there() { return OdbcSources::has_driver("libmaodbc.so") && OnMariadb::is_there(); }
  static void empty_database() { OnMariadb::empty_database(); }
  static sql::RdbmsPoolOptions options() {
    OdbcSources::get().define("meerkat_maria", "libmaodbc.so",
                              "SERVER=127.0.0.1\nPORT=" + mariadb_service().port_text() +
                                  "\nDATABASE=meerkat\nUID=meerkat\nPWD=secret of meerkat\n");
    return OdbcSources::options("DSN=meerkat_maria");
  }
};

struct OnOdbcSqlite {
  static bool is_there() { return OdbcSources::has_driver("libsqlite3odbc.so"); }
  static void empty_database() {
    for (const char* const end : {"", "-wal", "-shm"}) {
      std::filesystem::path file = OdbcSources::get().sqlite_file();
      std::filesystem::remove(file += end);
    }
  }
  static sql::RdbmsPoolOptions options() {
    OdbcSources::get().define("meerkat_lite", "libsqlite3odbc.so",
                              "Database=" + OdbcSources::get().sqlite_file().string() + "\nTimeout=5000\n");
    return OdbcSources::options("DSN=meerkat_lite");
  }
};

}  // namespace meerkat

TYPE_TO_STRING_AS("PostgreSQL", meerkat::OnPostgres);
TYPE_TO_STRING_AS("MariaDB", meerkat::OnMariadb);
TYPE_TO_STRING_AS("PostgreSQL through ODBC", meerkat::OnOdbcPostgres);
TYPE_TO_STRING_AS("MariaDB through ODBC", meerkat::OnOdbcMariadb);
TYPE_TO_STRING_AS("SQLite through ODBC", meerkat::OnOdbcSqlite);
