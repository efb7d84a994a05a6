// SPDX-License-Identifier: Apache-2.0
// The roster in a relational database, in MongooseIM's tables and letters.
#pragma once

#include <memory>

#include "modules/roster/roster_store.h"
#include "store/sql/migration.h"

namespace meerkat {

namespace sql {
class Database;
}

std::unique_ptr<RosterStore> sql_roster_store(sql::Database& database);

// rosterusers, rostergroups, roster_version.
sql::Schema roster_schema();

}  // namespace meerkat
