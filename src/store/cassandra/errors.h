// SPDX-License-Identifier: Apache-2.0
// What the server refuses, as callers meet it: a statement that will never work is a BadStatement, and what may work
// later or elsewhere is Unavailable.
#pragma once

#include <cstdint>
#include <exception>
#include <stdexcept>
#include <string>
#include <string_view>

#include "store/cassandra/protocol.h"
#include "store/pool/unavailable.h"

namespace meerkat::cassandra {

// An ERROR of the server. CQL §9
struct Refusal {
  ErrorCode code = ErrorCode::server_error;
  std::string words;
  std::string statement;  // with `unprepared`: the id that the server does not know
};

// The statement, or a value in it, is wrong, or not allowed; the connection is fine. Asking again does not help.
class BadStatement : public std::runtime_error {
 public:
  explicit BadStatement(const std::string& words, ErrorCode code = ErrorCode::invalid)
      : std::runtime_error(words), code_(code) {}
  ErrorCode code() const { return code_; }
  bool already_exists() const { return code_ == ErrorCode::already_exists; }

 private:
  ErrorCode code_;
};

// The server, or the replicas that it needs, cannot do it now.
class NotNow : public Unavailable {
 public:
  NotNow(const std::string& words, ErrorCode code, Why why) : Unavailable(words, why), code_(code) {}
  ErrorCode code() const { return code_; }
  // Nothing was done, and another server may be able to: it is overloaded, still starting, or does not see enough
  // replicas.
  bool may_go_elsewhere() const;

 private:
  ErrorCode code_;
};

bool may_go_elsewhere(ErrorCode code);
std::string_view name_of(ErrorCode code);
// The batch was refused for its size: in smaller pieces it may be taken.
bool is_too_large(const BadStatement& refusal);
// A BadStatement or a NotNow.
std::exception_ptr exception_of(const Refusal& refusal);

}  // namespace meerkat::cassandra
