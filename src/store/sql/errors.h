// SPDX-License-Identifier: Apache-2.0
// What a database can throw: it cannot serve now, the row is not allowed, or the statement is wrong.
#pragma once

#include <cstdint>
#include <exception>
#include <stdexcept>
#include <string>

#include "store/pool/unavailable.h"

namespace meerkat::sql {

// Busy, disk full, read-only, I/O error, connection lost, no answer in time. What was asked did not happen, or was not
// confirmed; asking again later may succeed.
using meerkat::Unavailable;

// The row contradicts a key or a rule of its table; asking again will not help.
class Constraint : public std::runtime_error {
 public:
  enum class Kind : std::uint8_t { duplicate, foreign_key, other };

  Constraint(Kind kind, const std::string& message) : std::runtime_error(message), kind_(kind) {}
  bool duplicate() const { return kind_ == Kind::duplicate; }
  Kind kind() const { return kind_; }

 private:
  Kind kind_;
};

// The statement, its parameters or the type of its rows do not fit the database: a mistake in the program.
class BadStatement : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

// The tables cannot be brought to what this program needs; the message says what the operator can do.
class SchemaRefused : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// The same failure once more, for one more of several who are told: exceptions are not shared between threads.
// What is none of the above becomes Unavailable with its words; nothing stays nothing.
std::exception_ptr copy_of(const std::exception_ptr& failure);

using meerkat::words_of;

}  // namespace meerkat::sql
