// SPDX-License-Identifier: Apache-2.0
// The tables of the modules in a real PostgreSQL.
#include <doctest/doctest.h>

#include <vector>

#include "modules/last/last_store.h"
#include "modules/offline/offline_store.h"
#include "modules/privacy/privacy_sql.h"
#include "modules/private/private_store.h"
#include "modules/roster/roster_sql.h"
#include "modules/stream_management/kept_sessions.h"
#include "modules/vcard/vcard_store.h"
#include "store/sql/test_postgres.h"

using namespace meerkat;

TEST_CASE("PostgreSQL takes the tables of all modules, and takes them again") {
  if (!postgres_service().is_there()) return;
  const std::vector<sql::Schema> schemas{last_schema(),   offline_schema(), privacy_schema(),          private_schema(),
                                         roster_schema(), vcard_schema(),   stream_management_schema()};
  for (int time : {1, 2}) {
    CAPTURE(time);
    const auto database = open_postgres(postgres_service());
    for (const sql::Schema& schema : schemas) database->prepare(schema);
  }
  std::size_t tables = 0;
  for (const sql::Schema& schema : schemas) {
    tables += schema.tables.size();
    for (const sql::Table& table : schema.tables)
      CHECK(postgres_service().ask("SELECT count(*) FROM pg_tables WHERE tablename = '" + table.name + "'") == "1");
  }
  CHECK(tables >= 16);
}
