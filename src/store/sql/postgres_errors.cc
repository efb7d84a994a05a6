// SPDX-License-Identifier: Apache-2.0
#include "store/sql/postgres_errors.h"

#include <array>

#include <fmt/format.h>

#include "store/sql/session.h"

namespace meerkat::sql {
namespace {

// Of these classes the operator can say something; the program and its rows are not at fault. Privileges, what the
// transaction may do (read-only), resources, limits, states, operators, the system, the server itself.
constexpr std::array<std::string_view, 8> troubles{"25", "42501", "53", "54", "55", "57", "58", "XX"};

Constraint::Kind kind_of(std::string_view state) {
  if (state == "23505") return Constraint::Kind::duplicate;
  return state == "23503" ? Constraint::Kind::foreign_key : Constraint::Kind::other;
}

// Text that is no number, no time or the like: only a program writes such statements.
bool is_wrong_text(std::string_view state) { return state == "22P02" || state == "22007"; }

}  // namespace

std::exception_ptr postgres_failure(const PostgresError& error, std::string_view name) {
  const std::string_view state = error.state;
  const std::string message = fmt::format("{}: {} ({})", name, error.message, state);
  if (is_fatal(error)) return std::make_exception_ptr(ConnectionLost{message});
  if (state == "57014") return std::make_exception_ptr(Unavailable{message, Unavailable::Why::timed_out});
  if (state == "40001" || state == "40P01" || needs_new_preparation(error))
    return std::make_exception_ptr(Conflict{message});
  if (state.starts_with("23") || (state.starts_with("22") && !is_wrong_text(state)))
    return std::make_exception_ptr(Constraint{kind_of(state), message});
  for (const std::string_view trouble : troubles)
    if (state.starts_with(trouble)) return std::make_exception_ptr(Unavailable{message});
  return std::make_exception_ptr(BadStatement{message});
}

bool needs_new_preparation(const PostgresError& error) {
  return error.state == "26000" || (error.state == "0A000" && error.message.starts_with("cached plan"));
}

bool is_fatal(const PostgresError& error) {
  return error.severity == "FATAL" || error.severity == "PANIC" || error.state.starts_with("08");
}

}  // namespace meerkat::sql
