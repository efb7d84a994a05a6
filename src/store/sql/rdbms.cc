// SPDX-License-Identifier: Apache-2.0
// From the options of a pool to the database behind it.
#include <algorithm>
#include <stdexcept>
#include <utility>

#include "store/sql/drivers.h"
#include "store/sql/sqlite.h"

namespace meerkat::sql {
namespace {

std::shared_ptr<Database> open_embedded(const RdbmsPoolOptions& options) {
  auto opened = open_sqlite_file(options.connection.database.value_or(""),
                                 {.readers = std::max<std::size_t>(options.pool.workers, 1)});
  if (!opened) throw std::runtime_error{opened.error()};
  return std::shared_ptr<Database>{std::move(*opened)};
}

Driver driver_of(const RdbmsPoolOptions& options) {
  switch (options.connection.driver) {
    case RdbmsDriver::mysql:
      return mysql_driver(options);
    case RdbmsDriver::odbc:
      return odbc_driver(options);
    default:
      return postgres_driver(options);
  }
}

}  // namespace

std::shared_ptr<Database> open_rdbms(std::string name, const RdbmsPoolOptions& options) {
  if (options.connection.driver == RdbmsDriver::sqlite) return open_embedded(options);
  Driver driver = driver_of(options);
  PooledDatabaseSettings settings;
  settings.pool = {.name = std::move(name), .options = options.pool, .depth = driver.depth};
  settings.pool.back_off.longest = options.connection.max_start_interval;
  if (options.connection.keepalive_interval) settings.pool.keepalive_interval = options.connection.keepalive_interval;
  return std::make_shared<PooledDatabase>(settings, driver.dialect, std::move(driver.make_session));
}

}  // namespace meerkat::sql
