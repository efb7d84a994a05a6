// SPDX-License-Identifier: Apache-2.0
#include "admin/window/page_commands.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "admin/wire.h"
#include "base/log.h"

namespace meerkat::admin {
namespace {

constexpr std::string_view allowed[] = {
    "account count", "certificate list", "config show", "live figures",  "live slowest", "live workers", "log level",
    "log tail",      "pool list",        "pool test",   "session count", "session info", "session kick", "session list",
    "status",        "trace list",       "trace read",  "trace start",   "trace stop"};

// As much of a table as a browser gets; true when there is more.
Task<bool> gather(Table& table) {
  bool more = table.more != nullptr;
  while (more && table.rows.size() < most_rows_for_page) {
    std::vector<Row> rows;
    more = co_await table.more->next(rows);
    std::ranges::move(rows, std::back_inserter(table.rows));
  }
  if (table.rows.size() <= most_rows_for_page) co_return more;
  table.rows.resize(most_rows_for_page);
  co_return true;
}

Task<std::string> write_table(const Command& command, Table table) {
  bool more = false;
  try {
    more = co_await gather(table);
  } catch (const std::exception& failure) {
    log_error("command_failed", {{"command", command.full_name()}, {"error", failure.what()}});
    co_return write_refusal({"unavailable", "the server could not go on with the list"});
  }
  co_return write_first_rows(command.columns, table.rows, more);
}

}  // namespace

std::span<const std::string_view> commands_of_page() { return allowed; }

bool is_command_of_page(std::string_view full_name) {
  return std::ranges::find(allowed, full_name) != std::ranges::end(allowed);
}

Task<std::string> answer_page(std::span<const Command> commands, const Premises& premises, std::string line,
                              std::string who) {
  auto request = read_request(line);
  if (!request) co_return write_refusal(request.error());
  const Command* const command = find_command(commands, request->command);
  if (command == nullptr) co_return write_refusal(no_such_command(commands, request->command));
  if (!is_command_of_page(request->command))
    co_return write_refusal({"not_on_the_page", fmt::format("the page does not do this; on the server's machine, "
                                                            "`meerkat {}` does",
                                                            request->command)});
  CommandResult result = co_await invoke(*command, premises, std::move(request->arguments), std::move(who));
  if (const auto* const refusal = std::get_if<Refusal>(&result)) co_return write_refusal(*refusal);
  if (const auto* const sentence = std::get_if<Sentence>(&result)) co_return write_sentence(*sentence);
  if (const auto* const record = std::get_if<Record>(&result)) co_return write_record(command->columns, record->row);
  std::string text = co_await write_table(*command, std::move(std::get<Table>(result)));
  co_return text;
}

}  // namespace meerkat::admin
