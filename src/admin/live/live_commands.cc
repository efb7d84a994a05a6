// SPDX-License-Identifier: Apache-2.0
// What happens in the server at this moment, and has happened lately: for `meerkat top`, and for pages that draw it.
#include <algorithm>
#include <optional>

#include "admin/commands.h"
#include "admin/live/sampler.h"
#include "admin/premises.h"
#include "base/metrics/slow_events.h"
#include "xmpp/date_time.h"

namespace meerkat::admin {
namespace {

Refusal nobody_looks() { return {"not_possible", "this server takes no live figures"}; }

Value value_of(std::int64_t figure) { return figure == Sample::unknown ? Value{} : Value{figure}; }

Task<CommandResult> figures(const Premises& premises, Arguments arguments) {
  if (premises.sampler == nullptr) co_return nobody_looks();
  const Every every = arguments.text("every") == "minute" ? Every::minute : Every::second;
  const auto since = static_cast<std::int64_t>(arguments.number("since"));
  const auto limit = static_cast<std::size_t>(arguments.number("limit"));
  Table table;
  for (const Sample& sample : premises.sampler->history().since(since, every, limit)) {
    Row& row = table.rows.emplace_back(Row{sample.at, sample.seconds});
    for (const std::int64_t value : sample.values) row.push_back(value_of(value));
  }
  co_return table;
}

Task<CommandResult> workers(const Premises& premises, Arguments arguments) {
  if (premises.sampler == nullptr) co_return nobody_looks();
  std::optional<std::int64_t> since;
  if (arguments.given("since")) since = static_cast<std::int64_t>(arguments.number("since"));
  Table table;
  for (const WorkerSample& worker : premises.sampler->workers_since(since))
    table.rows.push_back({worker.at, std::int64_t{worker.worker},
                          worker.busy < 0 ? Value{} : Value{std::int64_t{worker.busy}}, std::int64_t{worker.sessions},
                          std::int64_t{worker.detached}, std::int64_t{worker.connections},
                          std::int64_t{worker.strangers}, std::int64_t{worker.mails}, std::int64_t{worker.most_mails},
                          std::int64_t{worker.lag_us}});
  co_return table;
}

Task<CommandResult> slowest(const Premises& premises, Arguments arguments) {
  const auto minutes = std::min<std::uint64_t>(arguments.number("minutes"), metrics::SlowEvents::minutes);
  const WallTime since = premises.here().worker.clock().wall() - std::chrono::minutes{minutes};
  Table table;
  for (const metrics::SlowEvent& event :
       premises.metrics.slow_events().longest(since, static_cast<std::size_t>(arguments.number("limit"))))
    table.rows.push_back({date_time(event.when, Fraction::milliseconds),
                          static_cast<std::int64_t>(event.took / std::chrono::microseconds{1}), event.what,
                          event.detail.empty() ? Value{} : Value{event.detail},
                          event.host_type.empty() ? Value{} : Value{event.host_type}});
  co_return table;
}

std::vector<Column> figure_columns() {
  std::vector<Column> columns{
      {"at", ColumnType::number, "When the sample ends, in seconds since 1970."},
      {"seconds", ColumnType::number, "How long it is; what is counted happened in that time."}};
  for (const FigureDescription& figure : figure_descriptions())
    columns.push_back({figure.name, figure.type, figure.sentence});
  return columns;
}

Command figures_command() {
  return {.affair = "live",
          .name = "figures",
          .sentence = "Shows how the server is, second by second or minute by minute, oldest first.",
          .arguments = {{.name = "since",
                         .type = ArgumentType::number,
                         .sentence = "Only samples that end after this, in seconds since 1970.",
                         .fallback = "0"},
                        {.name = "every",
                         .type = ArgumentType::choice,
                         .sentence = "Each second of the last 5 minutes, or each minute of the last day.",
                         .fallback = "second",
                         .choices = {"second", "minute"}},
                        {.name = "limit",
                         .type = ArgumentType::number,
                         .sentence = "At most so many, the newest.",
                         .fallback = "1440"}},
          .answer = Answers::table,
          .when_empty = "There is none so far.",
          .columns = figure_columns(),
          .run = &figures};
}

Command workers_command() {
  using enum ColumnType;
  return {
      .affair = "live",
      .name = "workers",
      .sentence = "Shows how busy each worker is, now or second by second, oldest first.",
      .arguments = {{.name = "since",
                     .type = ArgumentType::number,
                     .sentence = "All samples that end after this, in seconds since 1970; otherwise the newest."}},
      .answer = Answers::table,
      .when_empty = "There is none so far.",
      .columns = {{"at", number, "When the second ends, in seconds since 1970."},
                  {"worker", number, "Which one, counted from 0."},
                  {"busy", number, "Thousandths of the time that it was computing; nothing when it does not answer."},
                  {"sessions", number, "Sessions that live there."},
                  {"detached", number, "Of these, those whose clients are away."},
                  {"connections", number, "Connections that live there."},
                  {"strangers", number, "Of these, those that have not logged in."},
                  {"mails", number, "What it was handed by others in that second."},
                  {"most_mails", number, "The most that was found in its mailbox at once."},
                  {"lag_us", number, "Microseconds that a mail waited there to be opened."}},
      .run = &workers};
}

Command slowest_command() {
  using enum ColumnType;
  return {
      .affair = "live",
      .name = "slowest",
      .sentence = "Shows what took longest in the last minutes, longest first.",
      .arguments = {{.name = "minutes",
                     .type = ArgumentType::number,
                     .sentence = "How far to look back, 10 at most.",
                     .fallback = "5"},
                    {.name = "limit", .type = ArgumentType::number, .sentence = "At most so many.", .fallback = "20"}},
      .answer = Answers::table,
      .when_empty = "Nothing took longer than a millisecond.",
      .columns = {{"when", time, "When it was over."},
                  {"took_us", number, "Microseconds that it took."},
                  {"what", text, "The name of the event; \"iq\", \"stanza\" or \"pool\"."},
                  {"detail", text, "Which function, namespace or pool."},
                  {"host_type", text, "For which host type, if it is for one."}},
      .run = &slowest};
}

}  // namespace

std::vector<Command> live_commands() { return {figures_command(), workers_command(), slowest_command()}; }

}  // namespace meerkat::admin
