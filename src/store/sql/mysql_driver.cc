// SPDX-License-Identifier: Apache-2.0
#include "store/sql/drivers.h"
#include "store/sql/mysql_session.h"

namespace meerkat::sql {

Driver mysql_driver(const RdbmsPoolOptions& options) {
  const RdbmsConnection& connection = options.connection;
  MysqlSettings settings{.host = connection.host.value_or(""),
                         .database = connection.database.value_or(""),
                         .username = connection.username.value_or(""),
                         .password = connection.password.value_or(""),
                         .port = connection.port_or_usual(),
                         .query_timeout = connection.query_timeout,
                         .tls = {}};
  if (connection.tls) settings.tls = connection.tls->client;
  return {.make_session = [settings = std::move(settings)] { return std::make_unique<MysqlSession>(settings); },
          .dialect = mysql_dialect()};
}

}  // namespace meerkat::sql
