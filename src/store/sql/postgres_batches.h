// SPDX-License-Identifier: Apache-2.0
// Many rows in one statement, by arrays: one prepared text serves every number of rows.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "store/sql/postgres_values.h"
#include "store/sql/query.h"

namespace meerkat::sql {

// `types` are those of the columns, the key's first. Nothing when there is no array for one of them.
std::optional<std::string> postgres_upserts(const Upsert& what, std::span<const pg::Oid> types);
std::optional<std::string> postgres_removals(const Upsert& what, std::span<const pg::Oid> types);

// One column of the rows as the binary form of such an array.
std::string postgres_array(const Rows& rows, std::size_t column, pg::Oid type);

}  // namespace meerkat::sql
