// SPDX-License-Identifier: Apache-2.0
#include "store/cassandra/errors.h"

namespace meerkat::cassandra {

std::string_view name_of(ErrorCode code) {
  switch (code) {
    using enum ErrorCode;
    case server_error:
      return "server error";
    case protocol_error:
      return "protocol error";
    case bad_credentials:
      return "bad credentials";
    case unavailable:
      return "unavailable";
    case overloaded:
      return "overloaded";
    case is_bootstrapping:
      return "bootstrapping";
    case truncate_error:
      return "truncate error";
    case write_timeout:
      return "write timeout";
    case read_timeout:
      return "read timeout";
    case read_failure:
      return "read failure";
    case function_failure:
      return "function failure";
    case write_failure:
      return "write failure";
    case syntax_error:
      return "syntax error";
    case unauthorized:
      return "unauthorized";
    case invalid:
      return "invalid";
    case config_error:
      return "config error";
    case already_exists:
      return "already exists";
    case unprepared:
      return "unprepared";
  }
  return "unknown error";
}

bool may_go_elsewhere(ErrorCode code) {
  return code == ErrorCode::unavailable || code == ErrorCode::overloaded || code == ErrorCode::is_bootstrapping;
}

bool NotNow::may_go_elsewhere() const { return cassandra::may_go_elsewhere(code_); }

// BatchStatement.verifyBatchSize of Cassandra, whose limit is batch_size_fail_threshold.
bool is_too_large(const BadStatement& refusal) {
  return refusal.code() == ErrorCode::invalid &&
         std::string_view{refusal.what()}.find("Batch too large") != std::string_view::npos;
}

std::exception_ptr exception_of(const Refusal& refusal) {
  using enum ErrorCode;
  const std::string words = "Cassandra: " + std::string{name_of(refusal.code)} + ": " + refusal.words;
  switch (refusal.code) {
    case syntax_error:
    case unauthorized:
    case invalid:
    case config_error:
    case already_exists:
    case function_failure:
      return std::make_exception_ptr(BadStatement{words, refusal.code});
    case write_timeout:
    case read_timeout:
      return std::make_exception_ptr(NotNow{words, refusal.code, Unavailable::Why::timed_out});
    default:
      return std::make_exception_ptr(NotNow{words, refusal.code, Unavailable::Why::failed});
  }
}

}  // namespace meerkat::cassandra
