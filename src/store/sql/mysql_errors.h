// SPDX-License-Identifier: Apache-2.0
// What the numbers of MySQL's and MariaDB's errors mean to us.
#pragma once

#include <cstdint>
#include <string>

namespace meerkat::sql {

enum class MysqlTrouble : std::uint8_t {
  duplicate,
  foreign_key,
  bad_row,      // contradicts another rule of its table
  bad_program,  // a mistake in the statement
  again,        // a deadlock, or a lock that was not free in time: the transaction may be repeated
  timed_out,    // the server has stopped the statement, which took too long
  refused,      // the server cannot serve now: full disk, read-only, too many connections
  stale,        // the server no longer knows the prepared statement
  broken        // the connection is of no more use
};

MysqlTrouble mysql_trouble(unsigned number);

// Throws what callers of the database are thrown. `message` says which statement and what the server said.
[[noreturn]] void throw_mysql(MysqlTrouble trouble, const std::string& message);

}  // namespace meerkat::sql
