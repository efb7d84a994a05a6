// SPDX-License-Identifier: Apache-2.0
// What the server logs, and what it has logged lately.
#include <algorithm>

#include <fmt/format.h>

#include "admin/commands.h"
#include "admin/premises.h"
#include "base/log.h"
#include "base/log_tail.h"
#include "xmpp/date_time.h"

namespace meerkat::admin {
namespace {

constexpr LogLevel all_levels[] = {LogLevel::debug, LogLevel::info,     LogLevel::notice, LogLevel::warning,
                                   LogLevel::error, LogLevel::critical, LogLevel::none};

Table levels_now() {
  const LogLevels levels = log_levels();
  Table table;
  table.rows.push_back({Value{}, std::string{name_of(levels.general)}});
  for (const auto& [place, level] : levels.of) table.rows.push_back({place, std::string{name_of(level)}});
  return table;
}

Task<CommandResult> log_level_command(const Premises&, Arguments arguments) {
  if (!arguments.given("level") && arguments.given("of"))
    co_return Refusal{"missing_argument", "say which level it shall have, e.g. meerkat log level debug --of streams"};
  const std::string wish = arguments.text("level");
  for (const LogLevel level : all_levels) {
    if (name_of(level) != wish) continue;
    if (!arguments.given("of"))
      set_log_level(level);
    else if (const std::string place = arguments.text("of"); !set_log_level(place, level))
      co_return Refusal{
          "no_such_place",
          fmt::format("nothing called \"{}\" logs; name a floor like streams, or a module like mod_ping", place)};
  }
  co_return levels_now();
}

// One that a choice has allowed.
LogLevel level_named(std::string_view name) {
  const auto* const found = std::ranges::find(all_levels, name, [](LogLevel level) { return name_of(level); });
  return found == std::end(all_levels) ? LogLevel::debug : *found;
}

Task<CommandResult> tail(const Premises&, Arguments arguments) {
  Table table;
  for (const LoggedLine& line : log_tail().since(arguments.number("since"), level_named(arguments.text("level")),
                                                 static_cast<std::size_t>(arguments.number("limit"))))
    table.rows.push_back({static_cast<std::int64_t>(line.number), date_time(line.when, Fraction::milliseconds),
                          std::string{name_of(line.level)}, line.room, line.what, line.fields});
  co_return table;
}

}  // namespace

std::vector<Command> log_commands() {
  std::vector<std::string_view> levels;
  for (const LogLevel level : all_levels) levels.push_back(name_of(level));
  return {
      {.affair = "log",
       .name = "level",
       .sentence = "Shows what is logged, or changes it until the next start.",
       .arguments = {{.name = "level",
                      .type = ArgumentType::choice,
                      .sentence = "From which importance on.",
                      .by_place = true,
                      .choices = levels},
                     {.name = "of", .sentence = "Only of a floor (streams) or a module (mod_ping)."}},
       .answer = Answers::table,
       .columns = {{"of", ColumnType::text, "Which part of the server; nothing for all the rest."},
                   {"level", ColumnType::text, "From this level on it is logged."}},
       .changes = true,
       .run = &log_level_command},
      {.affair = "log",
       .name = "tail",
       .sentence = "Shows what was logged last, as far as the server remembers it: 1000 lines, or 512 KB.",
       .arguments = {{.name = "since",
                      .type = ArgumentType::number,
                      .sentence = "Only lines after the one of that number.",
                      .fallback = "0"},
                     {.name = "level",
                      .type = ArgumentType::choice,
                      .sentence = "Only from this importance on.",
                      .fallback = "debug",
                      .choices = std::move(levels)},
                     {.name = "limit",
                      .type = ArgumentType::number,
                      .sentence = "At most so many, the newest.",
                      .fallback = "50"}},
       .answer = Answers::table,
       .when_empty = "Nothing was logged.",
       .columns = {{"number", ColumnType::number, "Counted from the start of the server."},
                   {"when", ColumnType::time, "When it was logged."},
                   {"level", ColumnType::text, "How important it is."},
                   {"room", ColumnType::text, "Which floor or module of the server says it."},
                   {"what", ColumnType::text, "What happened, as a word that stays the same."},
                   {"fields", ColumnType::text,
                    "Names and values, as logfmt; what could steer a terminal is escaped."}},
       .run = &tail},
  };
}

}  // namespace meerkat::admin
