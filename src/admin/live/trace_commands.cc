// SPDX-License-Identifier: Apache-2.0
// The stanzas of one address, as they come and go: begun, read step by step, and stopped.
#include <algorithm>

#include <fmt/format.h>

#include "admin/commands.h"
#include "admin/live/trace_desk.h"
#include "admin/premises.h"
#include "base/log.h"
#include "xmpp/date_time.h"

namespace meerkat::admin {
namespace {

Refusal no_such_trace(std::uint64_t number) {
  return {"no_such_trace", fmt::format("there is no trace {}; meerkat trace list shows those there are", number)};
}

std::string_view name_of(TracedStanza::Way way) {
  switch (way) {
    case TracedStanza::Way::in:
      return "in";
    case TracedStanza::Way::out:
      return "out";
    case TracedStanza::Way::end:
      return "end";
    case TracedStanza::Way::note:
      break;
  }
  return "note";
}

std::optional<Refusal> why_not(const Premises& premises, const Arguments& arguments) {
  if (premises.traces == nullptr) return Refusal{"not_possible", "this server traces nothing"};
  const Jid of = arguments.jid("address");
  if (premises.home_of(of) == nullptr) return domain_not_found(premises, of.domain());
  if (arguments.flag("content") && !premises.traces->content_allowed)
    return Refusal{"not_permitted",
                   "what people write is not shown unless the configuration allows it: [admin] trace_content = true"};
  if (premises.traces->is_full())
    return Refusal{"too_many_traces", fmt::format("{} traces are running already; stop one with meerkat trace stop",
                                                  TraceDesk::most_running)};
  return std::nullopt;
}

Task<CommandResult> start(const Premises& premises, Arguments arguments) {
  if (auto refused = why_not(premises, arguments)) co_return std::move(*refused);
  const auto seconds =
      std::chrono::seconds{std::clamp<std::uint64_t>(arguments.number("for"), 1, TraceDesk::longest_time.count())};
  const Clock& clock = premises.here().worker.clock();
  const Jid of = arguments.jid("address");
  Hall& home = premises.here().at_home_of(of);
  const auto log = std::make_shared<TraceLog>(
      TraceLog::Facts{.of = of,
                      .by = arguments.asker(),
                      .began = clock.wall(),
                      .until = clock.steady() + seconds,
                      .redaction = arguments.flag("content") ? Redaction::content : Redaction::usual},
      clock.steady());
  const std::uint64_t number = premises.traces->add(log, home).number;
  const WallTime until = clock.wall() + seconds;
  log_notice("trace_began", {{"address", of.text()},
                             {"by", arguments.asker()},
                             {"seconds", seconds.count()},
                             {"content", arguments.flag("content")}});
  co_await hop_to(home.worker);
  home.traces.start(log);
  co_return Record{{static_cast<std::int64_t>(number), std::string{of.text()}, date_time(until)}};
}

Task<CommandResult> read(const Premises& premises, Arguments arguments) {
  const std::uint64_t number = arguments.number("id");
  const TraceDesk::Trace* const trace = premises.traces ? premises.traces->find(number) : nullptr;
  if (trace == nullptr) co_return no_such_trace(number);
  Table table;
  const SteadyTime now = premises.here().worker.clock().steady();
  for (TracedStanza& seen :
       trace->log->read(arguments.number("since"), static_cast<std::size_t>(arguments.number("limit")), now))
    table.rows.push_back({static_cast<std::int64_t>(seen.number), date_time(seen.when, Fraction::milliseconds),
                          std::string{name_of(seen.way)}, seen.session.empty() ? Value{} : Value{seen.session},
                          std::move(seen.text)});
  co_return table;
}

Task<CommandResult> stop(const Premises& premises, Arguments arguments) {
  const std::uint64_t number = arguments.number("id");
  const TraceDesk::Trace* const trace = premises.traces ? premises.traces->find(number) : nullptr;
  if (trace == nullptr) co_return no_such_trace(number);
  const std::shared_ptr<TraceLog> log = trace->log;
  Hall& home = *trace->home;
  co_await hop_to(home.worker);
  home.traces.stop(*log, "it was stopped");
  co_return Sentence{fmt::format("trace {} has ended: {}", number, log->state().ended)};
}

Task<CommandResult> list(const Premises& premises, Arguments) {
  Table table;
  if (premises.traces == nullptr) co_return table;
  const SteadyTime now = premises.here().worker.clock().steady();
  for (const TraceDesk::Trace& trace : premises.traces->all()) {
    const TraceLog::Facts& facts = trace.log->facts;
    const TraceLog::State state = trace.log->state();
    const bool runs = state.ended.empty();
    const auto left = std::max(std::chrono::ceil<std::chrono::seconds>(facts.until - now), std::chrono::seconds{0});
    table.rows.push_back({static_cast<std::int64_t>(trace.number), std::string{facts.of.text()}, facts.by,
                          date_time(facts.began), runs, runs ? Value{left.count()} : Value{},
                          static_cast<std::int64_t>(state.seen), static_cast<std::int64_t>(state.left_out),
                          runs ? Value{} : Value{state.ended}});
  }
  co_return table;
}

constexpr Argument id_argument{.name = "id",
                               .type = ArgumentType::number,
                               .sentence = "Which trace, as `trace start` said.",
                               .mandatory = true,
                               .by_place = true};

Command start_command() {
  using enum ColumnType;
  return {
      .affair = "trace",
      .name = "start",
      .sentence =
          "Begins to look at the stanzas of an account, or of one of its sessions. It ends by itself, at the "
          "latest when nobody reads it for 30 seconds.",
      .arguments = {{.name = "address",
                     .type = ArgumentType::address,
                     .sentence = "A session like alice@example.org/phone, or an account for all of its sessions.",
                     .mandatory = true,
                     .by_place = true},
                    {.name = "for",
                     .type = ArgumentType::number,
                     .sentence = "For so many seconds, 1800 at most.",
                     .fallback = "300"},
                    {.name = "content",
                     .type = ArgumentType::flag,
                     .sentence = "Show what is written as well; only where admin.trace_content allows it. Passwords "
                                 "are never shown."}},
      .answer = Answers::record,
      .columns = {{"id", number, "Its number."},
                  {"address", text, "Of whom it is."},
                  {"until", time, "When it ends by itself."}},
      .changes = true,
      .run = &start};
}

Command read_command() {
  using enum ColumnType;
  return {
      .affair = "trace",
      .name = "read",
      .sentence = "Shows what a trace has seen, oldest first: at most 100 stanzas of a second, and the last 500.",
      .arguments = {id_argument,
                    {.name = "since",
                     .type = ArgumentType::number,
                     .sentence = "Only what came after the line of that number.",
                     .fallback = "0"},
                    {.name = "limit",
                     .type = ArgumentType::number,
                     .sentence = "At most so many, the newest.",
                     .fallback = "500"}},
      .answer = Answers::table,
      .when_empty = "Nothing has come since.",
      .columns = {{"number", number, "Counted from 1 in each trace."},
                  {"when", time, "When it was seen."},
                  {"way", text,
                   "\"in\" from the client, \"out\" to it, \"note\" about the trace itself, \"end\" in the last line."},
                  {"session", text, "Whose stanza it is."},
                  {"text", text, "The stanza, where lengths stand for what people write."}},
      .run = &read};
}

Command list_command() {
  using enum ColumnType;
  return {.affair = "trace",
          .name = "list",
          .sentence = "Lists the traces that are running, and the last ones that have ended.",
          .answer = Answers::table,
          .when_empty = "There are none.",
          .columns = {{"id", number, "Its number."},
                      {"address", text, "Of whom it is."},
                      {"by", text, "Who asked for it."},
                      {"began", time, "When it began."},
                      {"running", yes_no, "Whether it goes on."},
                      {"remaining", duration, "How long it will, at most."},
                      {"stanzas", number, "How many came and went."},
                      {"left_out", number, "Of these, those that were too many for a second."},
                      {"ended", text, "Why it has ended."}},
          .run = &list};
}

}  // namespace

std::vector<Command> trace_commands() {
  return {start_command(),
          read_command(),
          {.affair = "trace",
           .name = "stop",
           .sentence = "Ends a trace.",
           .arguments = {id_argument},
           .changes = true,
           .run = &stop},
          list_command()};
}

}  // namespace meerkat::admin
