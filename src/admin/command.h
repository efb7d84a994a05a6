// SPDX-License-Identifier: Apache-2.0
// What an operator can ask of a running server. A command is declared once: its name, its arguments, what it answers,
// and the coroutine that does it. Nothing here knows how the question came: command line, socket or HTTP.
//
//   {.affair = "account", .name = "count", .sentence = "Counts accounts.",
//    .arguments = {{.name = "domain", .type = ArgumentType::domain, .sentence = "Only of this domain.", .by_place =
//    true}}, .answer = Answers::table, .columns = {{"domain", ColumnType::text, "…"}, {"accounts", ColumnType::number,
//    "…"}}, .run = &count}
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "runtime/task.h"

namespace meerkat::admin {

struct Premises;
class Arguments;

enum class ArgumentType : std::uint8_t {
  text,
  password,  // never shown, never logged
  user,      // a bare address with a name: alice@example.org
  address,   // bare or full: alice@example.org/phone
  domain,    // one that is served here
  number,    // from 0 on
  time,      // XEP-0082, such as 2026-01-31T00:00:00Z
  choice,    // one of `choices`
  flag       // given or not
};

struct Argument {
  std::string_view name;
  ArgumentType type = ArgumentType::text;
  std::string_view sentence;
  bool mandatory = false;
  bool by_place = false;  // on a command line without its name, in the order of declaration
  bool repeatable = false;
  std::string_view fallback = {};  // what holds when it is not given; for people and for `Arguments`
  std::vector<std::string_view> choices = {};
};

enum class ColumnType : std::uint8_t {
  text,
  number,
  yes_no,
  time,      // XEP-0082, UTC
  duration,  // seconds
  bytes,
  texts
};

struct Column {
  std::string_view name;
  ColumnType type = ColumnType::text;
  std::string_view sentence;
};

// monostate: unknown, or nothing of the kind.
using Value = std::variant<std::monostate, bool, std::int64_t, std::string, std::vector<std::string>>;
using Row = std::vector<Value>;  // one value for each column

// Why not, and what to do. The code is a stable word for programs.
struct Refusal {
  std::string code;
  std::string sentence;
};
struct Sentence {
  std::string text;
};
struct Record {
  Row row;
};
// What does not fit into one answer. Awaited where the command was asked; it may hop, and comes back.
class Pages {
 public:
  virtual ~Pages() = default;
  // Adds some hundred rows at most, perhaps none; false when these were the last.
  virtual Task<bool> next(std::vector<Row>& rows) = 0;
};
struct Table {
  std::vector<Row> rows;
  std::unique_ptr<Pages> more;  // null: that is all
};
using CommandResult = std::variant<Refusal, Sentence, Record, Table>;

enum class Answers : std::uint8_t { sentence, record, table };

struct Command {
  std::string_view affair;  // empty for those that stand alone: "status"
  std::string_view name;
  std::string_view sentence;
  std::vector<Argument> arguments = {};
  Answers answer = Answers::sentence;
  std::string_view when_empty = {};  // what people are told in place of a table without rows
  std::vector<Column> columns = {};
  // The column of a table (yes_no) without whose yes in every row the command has not succeeded: `pool test` that does
  // not reach a service.
  std::string_view judged_by = {};
  bool changes = false;
  // Runs on the worker that was asked; may hop, and need not come back.
  Task<CommandResult> (*run)(const Premises& premises, Arguments arguments) = nullptr;

  // "account register"
  std::string full_name() const;
  const Argument* argument(std::string_view name) const;
};

}  // namespace meerkat::admin
