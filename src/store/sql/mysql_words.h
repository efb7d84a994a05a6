// SPDX-License-Identifier: Apache-2.0
// What every connection to MySQL or MariaDB begins with.
#pragma once

#include <string_view>

namespace meerkat::sql {

// What the house's statements take for granted: quotes and || as in the standard, nothing cut to fit, times in UTC,
// texts compared by their bytes. Transactions do not see each other at all, as with the embedded store.
inline constexpr std::string_view mysql_session_start =
    "SET NAMES utf8mb4 COLLATE utf8mb4_bin, time_zone = '+00:00', autocommit = 1, "
    "sql_mode = 'ANSI_QUOTES,PIPES_AS_CONCAT,NO_BACKSLASH_ESCAPES,STRICT_ALL_TABLES,ERROR_FOR_DIVISION_BY_ZERO,"
    "NO_ENGINE_SUBSTITUTION'";
inline constexpr std::string_view mysql_isolation = "SET SESSION TRANSACTION ISOLATION LEVEL SERIALIZABLE";

}  // namespace meerkat::sql
