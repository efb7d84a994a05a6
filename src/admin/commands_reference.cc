// SPDX-License-Identifier: Apache-2.0
// docs/reference/commands.md, from the table.
#include <fmt/format.h>

#include "admin/commands.h"

namespace meerkat::admin {
namespace {

std::string_view name_of(ArgumentType type) {
  switch (type) {
    case ArgumentType::text:
      return "text";
    case ArgumentType::password:
      return "password";
    case ArgumentType::user:
      return "account";
    case ArgumentType::address:
      return "address";
    case ArgumentType::domain:
      return "domain";
    case ArgumentType::number:
      return "number";
    case ArgumentType::time:
      return "moment";
    case ArgumentType::choice:
      return "one of";
    case ArgumentType::flag:
      return "flag";
  }
  return "";
}

std::string_view name_of(ColumnType type) {
  switch (type) {
    case ColumnType::text:
      return "text";
    case ColumnType::number:
      return "number";
    case ColumnType::yes_no:
      return "true or false";
    case ColumnType::time:
      return "time, UTC";
    case ColumnType::duration:
      return "seconds";
    case ColumnType::bytes:
      return "bytes";
    case ColumnType::texts:
      return "list of texts";
  }
  return "";
}

std::string usage(const Command& command) {
  std::string line = "meerkat " + command.full_name();
  for (const Argument& argument : command.arguments) {
    const bool may_miss = !argument.mandatory || argument.type == ArgumentType::password;
    std::string name{argument.name};
    for (char& letter : name) letter = static_cast<char>(letter >= 'a' && letter <= 'z' ? letter - 'a' + 'A' : letter);
    std::string word = argument.by_place                     ? name
                       : argument.type == ArgumentType::flag ? fmt::format("--{}", argument.name)
                                                             : fmt::format("--{} {}", argument.name, name);
    line += may_miss ? " [" + word + "]" : " " + word;
  }
  return line;
}

std::string arguments_table(const Command& command) {
  if (command.arguments.empty()) return {};
  std::string table = "\n| argument | type | |\n|---|---|---|\n";
  for (const Argument& argument : command.arguments) {
    std::string type{name_of(argument.type)};
    for (const std::string_view choice : argument.choices) type += fmt::format(" `{}`", choice);
    std::string sentence{argument.sentence};
    if (argument.mandatory) sentence += " Mandatory.";
    if (!argument.fallback.empty()) sentence += fmt::format(" Default: \"{}\"", argument.fallback);
    table += fmt::format("| `{}` | {} | {} |\n", argument.name, type, sentence);
  }
  return table;
}

std::string answer_table(const Command& command) {
  if (command.answer == Answers::sentence) return "\nAnswers a sentence.\n";
  std::string table = command.answer == Answers::record ? "\nAnswers a record:\n" : "\nAnswers a table:\n";
  table += "\n| column | type | |\n|---|---|---|\n";
  for (const Column& column : command.columns)
    table += fmt::format("| `{}` | {} | {} |\n", column.name, name_of(column.type), column.sentence);
  return table;
}

}  // namespace

std::string commands_reference(std::span<const Command> commands) {
  std::string page =
      "# Commands\n\nWhat a running server can be asked and told, printed by `meerkat man --markdown`. Each also takes "
      "`--config FILE`\nor `--socket PATH`, which say where the server is, and `--json`. A password that is not given "
      "is "
      "asked for, or taken\nfrom standard input with `--password-stdin`.\n\n"
      "Exit codes: 0 done, 1 refused, 2 wrong usage, 3 server not reachable.\n";
  for (const Command& command : commands) {
    page += fmt::format("\n## {}\n\n{}\n\n```\n{}\n```\n", command.full_name(), command.sentence, usage(command));
    page += arguments_table(command) + answer_table(command);
  }
  return page;
}

}  // namespace meerkat::admin
