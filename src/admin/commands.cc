// SPDX-License-Identifier: Apache-2.0
#include "admin/commands.h"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

#include "admin/premises.h"
#include "base/log.h"
#include "base/text.h"

namespace meerkat::admin {
namespace {

// The fence: nothing that a command throws gets further.
Task<CommandResult> run_fenced(const Command& command, const Premises& premises, Arguments arguments) {
  try {
    co_return co_await command.run(premises, std::move(arguments));
  } catch (const AccountsBusy&) {
    co_return Refusal{"busy", "too many passwords are being hashed at the moment; try again in some seconds"};
  } catch (const std::exception& failure) {
    log_error("command_failed", {{"command", command.full_name()}, {"error", failure.what()}});
    co_return Refusal{"unavailable", fmt::format("the server could not do it: {}", failure.what())};
  }
}

std::string_view outcome_of(const CommandResult& result) {
  const auto* const refusal = std::get_if<Refusal>(&result);
  return refusal != nullptr ? std::string_view{refusal->code} : "done";
}

}  // namespace

std::vector<Command> all_commands() {
  std::vector<Command> all = account_commands();
  std::ranges::move(session_commands(), std::back_inserter(all));
  std::ranges::move(last_commands(), std::back_inserter(all));
  std::ranges::move(server_commands(), std::back_inserter(all));
  std::ranges::move(log_commands(), std::back_inserter(all));
  std::ranges::move(change_commands(), std::back_inserter(all));
  std::ranges::move(pool_commands(), std::back_inserter(all));
  std::ranges::move(metrics_commands(), std::back_inserter(all));
  std::ranges::move(live_commands(), std::back_inserter(all));
  std::ranges::move(trace_commands(), std::back_inserter(all));
  std::ranges::move(page_commands(), std::back_inserter(all));
  std::ranges::move(system_metrics_commands(), std::back_inserter(all));
  return all;
}

const Command* find_command(std::span<const Command> commands, std::string_view full_name) {
  const auto found = std::ranges::find(commands, full_name, &Command::full_name);
  return found == commands.end() ? nullptr : &*found;
}

Refusal no_such_command(std::span<const Command> commands, std::string_view full_name) {
  std::vector<std::string> names;
  names.reserve(commands.size());
  for (const Command& command : commands) names.push_back(command.full_name());
  const std::vector<std::string_view> views(names.begin(), names.end());
  const auto near = closest(full_name, views);
  return {"no_such_command",
          fmt::format("there is no such command{}", near ? fmt::format(" - did you mean \"{}\"?", *near) : "")};
}

std::optional<std::vector<std::string>> wanted_domains(const Premises& premises, const Arguments& arguments) {
  std::vector<std::string> wanted;
  const std::string name = arguments.given("domain") ? std::string{arguments.jid("domain").domain()} : "";
  for (const auto& host : premises.here().hosts())
    if (name.empty() || host->name == name) wanted.push_back(host->name);
  return wanted.empty() ? std::nullopt : std::optional{wanted};
}

Refusal no_such_account(const Jid& user) {
  return {"user_does_not_exist",
          fmt::format("there is no account {}; meerkat account list shows those there are", user.bare_text())};
}

Refusal domain_not_found(const Premises& premises, std::string_view domain) {
  std::string names;
  for (const auto& host : premises.here().hosts()) names += (names.empty() ? "" : ", ") + host->name;
  return {"domain_not_found", fmt::format("\"{}\" is not served here; the domains are: {}", domain, names)};
}

Task<CommandResult> invoke(const Command& command, const Premises& premises, RawArguments raw, std::string who) {
  auto arguments = Arguments::read(command, std::move(raw));
  if (!arguments) co_return std::move(arguments.error());
  arguments->asked_by(who);
  const std::string told = command.changes ? arguments->for_the_log() : std::string{};
  CommandResult result = co_await run_fenced(command, premises, std::move(*arguments));
  co_await hop_to(premises.here().worker);
  if (command.changes)
    log_notice("command",
               {{"command", command.full_name()}, {"arguments", told}, {"by", who}, {"outcome", outcome_of(result)}});
  co_return result;
}

}  // namespace meerkat::admin
