// SPDX-License-Identifier: Apache-2.0
// The server itself: how it is, and what it logs.
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>

#include <fmt/format.h>

#include "admin/commands.h"
#include "admin/premises.h"
#include "base/log.h"
#include "base/version.h"
#include "core/limits/limits.h"

namespace meerkat::admin {
namespace {

// Files of /proc are made up in memory: reading them keeps no worker waiting.
Value resident_memory() {
  std::FILE* const file = std::fopen("/proc/self/statm", "re");
  if (file == nullptr) return {};
  long long total = 0;
  long long resident = 0;
  const int read = std::fscanf(file, "%lld %lld", &total, &resident);
  std::fclose(file);
  if (read != 2) return {};
  return static_cast<std::int64_t>(resident) * ::sysconf(_SC_PAGESIZE);
}

// Linux 6.2 and later tell the number as a size; going through the directory would take too long.
Value open_descriptors() {
  struct stat status{};
  if (::stat("/proc/self/fd", &status) != 0 || status.st_size == 0) return {};
  return static_cast<std::int64_t>(status.st_size);
}

// "login_address 3": those that happened.
std::vector<std::string> refusals_of(const Limits& limits) {
  std::vector<std::string> counted;
  for (const meerkat::Refusal why : Refusals::all())
    if (const std::uint64_t times = limits.refusals.times(why); times > 0)
      counted.push_back(fmt::format("{} {}", Refusals::name(why), times));
  return counted;
}

// The same of all workers.
std::vector<std::string> resumptions_of(const Premises& premises) {
  std::vector<std::string> counted;
  for (const Resumption what : ResumptionCounts::all()) {
    std::uint64_t times = 0;
    for (const auto& hall : premises.halls) times += hall->resumptions.times(what);
    if (times > 0) counted.push_back(fmt::format("{} {}", ResumptionCounts::name(what), times));
  }
  return counted;
}

Task<CommandResult> status(const Premises& premises, Arguments) {
  std::int64_t connections = 0;
  std::int64_t sessions = 0;
  for (std::size_t i = 0; i < premises.halls.size(); ++i) {
    co_await hop_to(premises.halls[i]->worker);
    connections += static_cast<std::int64_t>(premises.services[i]->streams());
    sessions += static_cast<std::int64_t>(premises.halls[i]->sessions.size());
  }
  Worker& office = premises.here().worker;
  co_await hop_to(office);
  std::vector<std::string> hosts;
  for (const auto& host : premises.here().hosts()) hosts.push_back(host->name);
  const auto uptime = std::chrono::duration_cast<std::chrono::seconds>(office.clock().steady() - premises.started);
  Row row{std::string{"running"},
          std::string{product_version},
          uptime.count(),
          static_cast<std::int64_t>(premises.halls.size()),
          std::move(hosts),
          premises.addresses(),
          connections,
          sessions,
          resident_memory(),
          open_descriptors(),
          static_cast<std::int64_t>(premises.most_descriptors),
          refusals_of(*premises.here().limits),
          resumptions_of(premises)};
  co_return Record{std::move(row)};
}

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

}  // namespace

std::vector<Command> server_commands() {
  std::vector<std::string_view> levels;
  for (const LogLevel level : all_levels) levels.push_back(name_of(level));
  return {
      {.affair = "",
       .name = "status",
       .sentence = "Tells how the server is.",
       .answer = Answers::record,
       .columns = {{"state", ColumnType::text, "\"running\": whoever answers does."},
                   {"version", ColumnType::text, "Its version."},
                   {"uptime", ColumnType::duration, "How long it has been running."},
                   {"workers", ColumnType::number, "Threads that serve connections."},
                   {"hosts", ColumnType::texts, "The domains that are served."},
                   {"listens", ColumnType::texts, "Where clients can connect."},
                   {"connections", ColumnType::number, "Connections of clients, logged in or not."},
                   {"sessions", ColumnType::number, "Bound sessions."},
                   {"memory", ColumnType::bytes, "Resident memory of the process."},
                   {"descriptors", ColumnType::number, "Open descriptors; needs Linux 6.2."},
                   {"most_descriptors", ColumnType::number, "How many the system allows."},
                   {"refusals", ColumnType::texts, "Why others were turned away, and how often since the start."},
                   {"resumptions", ColumnType::texts,
                    "What became of sessions whose clients use stream management, since the start."}},
       .run = &status},
      {.affair = "log",
       .name = "level",
       .sentence = "Shows what is logged, or changes it until the next start.",
       .arguments = {{.name = "level",
                      .type = ArgumentType::choice,
                      .sentence = "From which importance on.",
                      .by_place = true,
                      .choices = std::move(levels)},
                     {.name = "of", .sentence = "Only of a floor (streams) or a module (mod_ping)."}},
       .answer = Answers::table,
       .columns = {{"of", ColumnType::text, "Which part of the server; nothing for all the rest."},
                   {"level", ColumnType::text, "From this level on it is logged."}},
       .changes = true,
       .run = &log_level_command},
  };
}

}  // namespace meerkat::admin
