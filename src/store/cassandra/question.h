// SPDX-License-Identifier: Apache-2.0
// One call of a client to Cassandra, on its way to a session and back.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <variant>

#include "store/cassandra/statement.h"
#include "store/pool/call.h"

namespace meerkat::cassandra {

// What it borrows lives in the frame of the coroutine that awaits it, as it does itself.
class Question final : public AwaitedCall {
 public:
  struct Plain {
    std::string_view text;
  };
  struct Execution {
    const Statement& statement;
    std::string_view page;
  };
  struct Writes {
    Batch::Kind kind;
    std::span<const Batch::Write> writes;
    const Wishes& wishes;
  };
  using What = std::variant<Plain, Execution, Writes>;

  explicit Question(What asked) : what(asked) {
    if (const auto* const execution = std::get_if<Execution>(&what))
      may_repeat = execution->statement.wishes.may_repeat;
    if (const auto* const writes = std::get_if<Writes>(&what)) may_repeat = writes->wishes.may_repeat;
  }

  // How many statements have to be prepared for it, and their texts.
  std::size_t statements() const {
    if (const auto* const writes = std::get_if<Writes>(&what)) return writes->writes.size();
    return std::holds_alternative<Execution>(what) ? 1 : 0;
  }
  std::string_view text(std::size_t place) const {
    if (const auto* const writes = std::get_if<Writes>(&what)) return writes->writes[place].text;
    return std::get<Execution>(what).statement.text;
  }

  const What what;
  Rows answer;
};

}  // namespace meerkat::cassandra
