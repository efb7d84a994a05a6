// SPDX-License-Identifier: Apache-2.0
// What an answer of PostgreSQL means, by its SQLSTATE (PostgreSQL manual, appendix A).
#pragma once

#include <exception>
#include <string>
#include <string_view>

namespace meerkat::sql {

struct PostgresError {
  std::string state;     // five characters; empty when it came from no server
  std::string severity;  // ERROR, FATAL or PANIC; the latter two end the connection
  std::string message;   // without details, which quote rows
};

// One of ConnectionLost, Conflict, Constraint, BadStatement and Unavailable. `name` is the statement's.
std::exception_ptr postgres_failure(const PostgresError& error, std::string_view name);

// The connection ends with it.
bool is_fatal(const PostgresError& error);
// The server's tables changed under a prepared statement, or the statement is gone: prepared again, it works.
bool needs_new_preparation(const PostgresError& error);

}  // namespace meerkat::sql
