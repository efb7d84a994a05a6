// SPDX-License-Identifier: Apache-2.0
// The table of all commands, and how one is run.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "admin/arguments.h"
#include "admin/command.h"

namespace meerkat::admin {

std::vector<Command> account_commands();
std::vector<Command> session_commands();
std::vector<Command> server_commands();
std::vector<Command> change_commands();
std::vector<Command> pool_commands();
std::vector<Command> metrics_commands();
std::vector<Command> system_metrics_commands();
std::vector<Command> last_commands();
std::vector<Command> live_commands();
std::vector<Command> log_commands();
std::vector<Command> trace_commands();
std::vector<Command> page_commands();

// All of them, in the order in which they are listed for people. Any thread.
std::vector<Command> all_commands();

// Null when there is none of that name ("account register").
const Command* find_command(std::span<const Command> commands, std::string_view full_name);
// Which one was meant; for whoever asks for one that is not there.
Refusal no_such_command(std::span<const Command> commands, std::string_view full_name);

// Checks the arguments, runs the command and comes back to the worker of the office, where it must be called. What is
// broken becomes a refusal; what changes something is logged with `who`, who asked.
Task<CommandResult> invoke(const Command& command, const Premises& premises, RawArguments raw, std::string who);

// docs/reference/commands.md
std::string commands_reference(std::span<const Command> commands);

}  // namespace meerkat::admin
