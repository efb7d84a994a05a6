// SPDX-License-Identifier: Apache-2.0
// The server itself: how it is.
#include <optional>

#include <fmt/format.h>

#include "admin/commands.h"
#include "admin/live/process_figures.h"
#include "admin/premises.h"
#include "base/version.h"
#include "core/limits/limits.h"
#include "core/limits/memory_reading.h"

namespace meerkat::admin {
namespace {

Value value_of(std::optional<std::int64_t> number) { return number ? Value{*number} : Value{}; }

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
          static_cast<std::int64_t>(resident_memory()),
          value_of(open_descriptors()),
          static_cast<std::int64_t>(premises.most_descriptors),
          refusals_of(*premises.here().limits),
          resumptions_of(premises)};
  co_return Record{std::move(row)};
}

}  // namespace

std::vector<Command> server_commands() {
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
  };
}

}  // namespace meerkat::admin
