// SPDX-License-Identifier: Apache-2.0
// What every connection to MySQL or MariaDB begins with, and what lets one server at a time change its tables.
#pragma once

#include <string_view>

#include "base/clock.h"
#include "store/sql/transaction.h"

namespace meerkat::sql {

// What the house's statements take for granted: quotes and || as in the standard, nothing cut to fit, times in UTC,
// texts compared by their bytes. Transactions do not see each other at all, as with the embedded store.
inline constexpr std::string_view mysql_session_start =
    "SET collation_connection = utf8mb4_bin, time_zone = '+00:00', autocommit = 1, "
    "sql_mode = 'ANSI_QUOTES,PIPES_AS_CONCAT,NO_BACKSLASH_ESCAPES,STRICT_ALL_TABLES,ERROR_FOR_DIVISION_BY_ZERO,"
    "NO_ENGINE_SUBSTITUTION'";
inline constexpr std::string_view mysql_isolation = "SET SESSION TRANSACTION ISOLATION LEVEL SERIALIZABLE";

// Waits until no other server changes tables, `until` at most; throws Unavailable then.
void take_mysql_schema_lock(Transaction& session, SteadyTime until);
inline constexpr std::string_view mysql_schema_unlock = "SELECT RELEASE_LOCK('meerkat_schema')";

}  // namespace meerkat::sql
