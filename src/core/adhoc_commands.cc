// SPDX-License-Identifier: Apache-2.0
#include "core/adhoc_commands.h"

#include "base/check.h"

namespace meerkat {
namespace {

Task<CommandOutcome> wait_inside([[maybe_unused]] Visit inside, Task<CommandOutcome> outcome) {
  CommandOutcome reached = co_await outcome;
  co_return reached;
}

}  // namespace

std::string command_note(std::string_view type, std::string_view text) {
  return xml::Builder("note").attr("type", type).text(text).str();
}

Answer<CommandOutcome> AdHocCommands::Command::run(CommandStep& step) const {
  Answer<CommandOutcome> outcome = call(owner, step);
  if (outcome.at_hand()) return outcome;
  return wait_inside(Visit{module}, outcome.take_task());
}

const AdHocCommands::Command* AdHocCommands::find(IqTarget target, std::string_view node) const {
  for (const Command& command : commands_)
    if (command.target == target && command.node == node) return &command;
  return nullptr;
}

void AdHocCommands::add(Command command) {
  check(find(command.target, command.node) == nullptr, "two modules offer the command " + command.node);
  command.number = ++last_number_;
  commands_.push_back(std::move(command));
}

}  // namespace meerkat
