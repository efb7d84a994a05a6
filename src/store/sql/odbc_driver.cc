// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cctype>

#include "store/sql/drivers.h"
#include "store/sql/odbc_session.h"

namespace meerkat::sql {
namespace {

// Before anybody has connected, the driver's name tells which database it is, as far as it goes. Sessions know better.
const Dialect& likely_dialect(const std::string& settings) {
  std::string lower = settings;
  std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (lower.contains("sqlite")) return sqlite_dialect();
  if (lower.contains("maria") || lower.contains("mysql") || lower.contains("libmaodbc")) return mysql_dialect();
  return odbc_postgresql_dialect();
}

}  // namespace

Driver odbc_driver(const RdbmsPoolOptions& options) {
  OdbcSettings settings{.connection = options.connection.settings.value_or(""),
                        .query_timeout = options.connection.query_timeout};
  const Dialect& dialect = likely_dialect(settings.connection);
  return {.make_session = [settings = std::move(settings)] { return std::make_unique<OdbcSession>(settings); },
          .dialect = dialect};
}

}  // namespace meerkat::sql
