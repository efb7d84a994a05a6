// SPDX-License-Identifier: Apache-2.0
// Privacy lists in the tables that MongooseIM has for them.
#pragma once

#include <memory>

#include "modules/privacy/privacy_store.h"
#include "store/sql/migration.h"

namespace meerkat {

namespace sql {
class Database;
}

std::unique_ptr<PrivacyStore> sql_privacy_store(sql::Database& database);

sql::Schema privacy_schema();

}  // namespace meerkat
