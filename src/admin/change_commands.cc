// SPDX-License-Identifier: Apache-2.0
// The configuration of the running server: read anew, and the certificates it shows.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "admin/commands.h"
#include "admin/premises.h"
#include "runtime/blocking_pool.h"
#include "xmpp/date_time.h"

namespace meerkat::admin {
namespace {

std::string_view word_of(config::Change::Kind kind) {
  switch (kind) {
    case config::Change::Kind::added:
      return "added";
    case config::Change::Kind::removed:
      return "removed";
    case config::Change::Kind::changed:
      break;
  }
  return "changed";
}

Value text_or_nothing(const std::string& text) { return text.empty() ? Value{} : Value{text}; }

Task<CommandResult> reload(const Premises& premises, Arguments arguments) {
  if (!premises.reload) co_return Refusal{"not_possible", "this server has no configuration file"};
  const config::ChangeOutcome outcome = co_await premises.reload(arguments.flag("dry-run"));
  if (outcome.refused)
    co_return Refusal{"reload_refused", fmt::format("{}\nnothing was changed", fmt::join(outcome.reasons, "\n"))};
  Table table;
  for (const config::Change& change : outcome.changes)
    table.rows.push_back({std::string{word_of(change.kind)}, change.path, text_or_nothing(change.before),
                          text_or_nothing(change.after), static_cast<std::int64_t>(change.place.line)});
  co_return table;
}

Task<CommandResult> options(const Premises& premises, Arguments arguments) {
  if (!premises.configuration || premises.caretaker == nullptr)
    co_return Refusal{"not_possible", "this server has no configuration file"};
  const std::string part = arguments.text("part");
  const std::vector<OptionShown> all =
      co_await premises.caretaker->run([&premises] { return premises.configuration(); });
  Table table;
  for (const OptionShown& option : all) {
    if (option.path.find(part) == std::string::npos) continue;
    if (arguments.flag("given") && option.from == "default") continue;
    table.rows.push_back({option.path, option.value, option.from,
                          option.changed ? Value{date_time(*option.changed)} : Value{},
                          text_or_nothing(option.host_type)});
  }
  co_return table;
}

Task<CommandResult> certificates(const Premises& premises, Arguments) {
  Table table;
  const WallTime now = premises.here().worker.clock().wall();
  if (premises.certificates)
    for (const CertificateFacts& certificate : premises.certificates())
      table.rows.push_back({certificate.file.string(), certificate.names, certificate.key,
                            static_cast<std::int64_t>(certificate.days_left(now).count()),
                            date_time(certificate.not_after)});
  co_return table;
}

}  // namespace

std::vector<Command> change_commands() {
  return {
      {.affair = "",
       .name = "reload",
       .sentence = "Reads the configuration file anew and applies what is different, all of it or nothing.",
       .arguments = {{.name = "dry-run", .type = ArgumentType::flag, .sentence = "Only tell what would change."}},
       .answer = Answers::table,
       .when_empty = "nothing is different from what runs",
       .columns = {{"change", ColumnType::text, "\"added\", \"removed\" or \"changed\"."},
                   {"path", ColumnType::text, "Which option or table."},
                   {"before", ColumnType::text, "What it was, as TOML."},
                   {"after", ColumnType::text, "What it is now, as TOML."},
                   {"line", ColumnType::number, "Where it stands in the file."}},
       .changes = true,
       .run = &reload},
      {.affair = "config",
       .name = "show",
       .sentence = "Shows every option of the running server, its value and where that comes from.",
       .arguments = {{.name = "part", .sentence = "Only options with this in their path.", .by_place = true},
                     {.name = "given", .type = ArgumentType::flag, .sentence = "Leave out defaults."}},
       .answer = Answers::table,
       .when_empty = "There is no such option.",
       .columns = {{"path", ColumnType::text, "Which option; lists are counted from 0."},
                   {"value", ColumnType::text, "As TOML. Secrets are not shown."},
                   {"from", ColumnType::text,
                    "\"default\", the line of the file, or the command that changed it since."},
                   {"changed", ColumnType::time, "When the running server took it up; nothing: when it was started."},
                   {"host_type", ColumnType::text, "Whose it is, where a host type has its own."}},
       .run = &options},
      {.affair = "certificate",
       .name = "list",
       .sentence = "Lists the certificates that the listeners show.",
       .answer = Answers::table,
       .columns = {{"file", ColumnType::text, "Where it was read from."},
                   {"names", ColumnType::texts, "Whom it is for."},
                   {"key", ColumnType::text, "What kind of key it has."},
                   {"days_left", ColumnType::number, "Negative when it has expired."},
                   {"until", ColumnType::time, "When it expires."}},
       .run = &certificates},
  };
}

}  // namespace meerkat::admin
