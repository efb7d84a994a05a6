// SPDX-License-Identifier: Apache-2.0
#include "store/sql/mysql_errors.h"

#include <mysql.h>
#include <mysqld_error.h>

#include <algorithm>
#include <array>

#include "store/sql/session.h"

namespace meerkat::sql {
namespace {

// MySQL has these, which MariaDB's header does not name.
constexpr unsigned mysql_check_violated = 3819;
constexpr unsigned mysql_time_exceeded = 3024;
constexpr unsigned mysql_idle_disconnect = 4031;

// Full disks, limits, and servers that may only be read.
constexpr std::array<unsigned, 17> refusals{ER_DISK_FULL,
                                            ER_GET_ERRNO,
                                            ER_RECORD_FILE_FULL,
                                            ER_OPTION_PREVENTS_STATEMENT,
                                            ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION,
                                            ER_READ_ONLY_MODE,
                                            ER_CON_COUNT_ERROR,
                                            ER_OUT_OF_RESOURCES,
                                            ER_OUTOFMEMORY,
                                            ER_OUT_OF_SORTMEMORY,
                                            ER_TOO_MANY_USER_CONNECTIONS,
                                            ER_USER_LIMIT_REACHED,
                                            ER_MAX_PREPARED_STMT_COUNT_REACHED,
                                            ER_ERROR_DURING_COMMIT,
                                            ER_ERROR_ON_WRITE,
                                            ER_ERROR_ON_READ,
                                            ER_LOCK_ABORTED};

// The library's own errors: it could not reach the server, or lost it.
bool is_of_client(unsigned number) { return number >= 2000 && number < 3000; }

}  // namespace

MysqlTrouble mysql_trouble(unsigned number) {
  using enum MysqlTrouble;
  switch (number) {
    case ER_DUP_ENTRY:
    case ER_DUP_ENTRY_WITH_KEY_NAME:
    case ER_DUP_UNIQUE:
      return duplicate;
    case ER_NO_REFERENCED_ROW:
    case ER_ROW_IS_REFERENCED:
    case ER_NO_REFERENCED_ROW_2:
    case ER_ROW_IS_REFERENCED_2:
      return foreign_key;
    case ER_BAD_NULL_ERROR:
    case ER_DATA_TOO_LONG:
    case ER_WARN_DATA_OUT_OF_RANGE:
    case WARN_DATA_TRUNCATED:
    case ER_TRUNCATED_WRONG_VALUE:
    case ER_TRUNCATED_WRONG_VALUE_FOR_FIELD:
    case ER_NO_DEFAULT_FOR_FIELD:
    case ER_CONSTRAINT_FAILED:
    case ER_NET_PACKET_TOO_LARGE:
    case mysql_check_violated:
      return bad_row;
    case ER_LOCK_DEADLOCK:
    case ER_LOCK_WAIT_TIMEOUT:
    case ER_CHECKREAD:
      return again;
    case ER_STATEMENT_TIMEOUT:
    case mysql_time_exceeded:
      return timed_out;
    case ER_NEED_REPREPARE:
    case ER_UNKNOWN_STMT_HANDLER:
      return stale;
    case ER_SERVER_SHUTDOWN:
    case ER_QUERY_INTERRUPTED:  // a KILL of the connection says so too
    case ER_CONNECTION_KILLED:
    case ER_NORMAL_SHUTDOWN:
    case ER_NET_READ_ERROR:
    case ER_NET_READ_INTERRUPTED:
    case ER_NET_ERROR_ON_WRITE:
    case ER_NET_WRITE_INTERRUPTED:
    case ER_UNKNOWN_COM_ERROR:  // a Galera node without its cluster
    case mysql_idle_disconnect:
      return broken;
    default:
      if (is_of_client(number)) return broken;
      return std::ranges::find(refusals, number) != refusals.end() ? refused : bad_program;
  }
}

void throw_mysql(MysqlTrouble trouble, const std::string& message) {
  using enum MysqlTrouble;
  switch (trouble) {
    case duplicate:
      throw Constraint(Constraint::Kind::duplicate, message);
    case foreign_key:
      throw Constraint(Constraint::Kind::foreign_key, message);
    case bad_row:
      throw Constraint(Constraint::Kind::other, message);
    case bad_program:
      throw BadStatement(message);
    case timed_out:
      throw Unavailable(message, Unavailable::Why::timed_out);
    case again:
      throw Conflict(message);
    case broken:
      throw ConnectionLost(message);
    default:
      throw Unavailable(message);
  }
}

}  // namespace meerkat::sql
