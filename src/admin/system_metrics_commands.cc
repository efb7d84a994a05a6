// SPDX-License-Identifier: Apache-2.0
// What service_mongoose_system_metrics tells of this server, and to whom.
#include <algorithm>
#include <string>

#include "admin/commands.h"
#include "admin/premises.h"
#include "services/system_metrics/system_reports.h"
#include "xmpp/date_time.h"

namespace meerkat::admin {
namespace {

Refusal not_there() { return {"no_system_metrics", "this server has no system metrics"}; }

Value text_or_nothing(std::string text) { return text.empty() ? Value{} : Value{std::move(text)}; }
Value time_or_nothing(const std::optional<WallTime>& time) { return time ? Value{date_time(*time)} : Value{}; }

Task<CommandResult> show(const Premises& premises, Arguments) {
  if (premises.system_reports == nullptr) co_return not_there();
  const auto read = [&metrics = premises.metrics] { return stanza_totals(metrics.read()); };
  StanzaTotals totals{};
  // Many host types have much to tell.
  if (premises.caretaker != nullptr)
    totals = co_await premises.caretaker->run(read);
  else
    totals = read();
  Table table;
  for (const ReportItem& item : premises.system_reports->report(totals))
    table.rows.push_back({item.name, params_json(item)});
  co_return table;
}

Task<CommandResult> status(const Premises& premises, Arguments) {
  if (premises.system_reports == nullptr) co_return not_there();
  SystemReports::Status now = premises.system_reports->status();
  co_return Record{{now.on, text_or_nothing(std::move(now.sent_to)), text_or_nothing(std::move(now.id)),
                    text_or_nothing(std::move(now.client_id)), now.file.string(),
                    static_cast<std::int64_t>(now.reports), time_or_nothing(now.latest), time_or_nothing(now.next),
                    text_or_nothing(std::move(now.failure))}};
}

}  // namespace

std::vector<Command> system_metrics_commands() {
  using enum ColumnType;
  return {
      {.affair = "system-metrics",
       .name = "show",
       .sentence = "Shows what a report would tell now, whether or not there ever is one; nothing is sent.",
       .answer = Answers::table,
       .columns = {{"name", text, "What it is about."}, {"parameters", text, "What is told, as JSON."}},
       .run = &show},
      {.affair = "system-metrics",
       .name = "status",
       .sentence = "Shows whether the server reports of itself, to whom, and how the latest report went.",
       .answer = Answers::record,
       .columns = {{"reports", yes_no, "Whether it makes reports."},
                   {"sent_to", text, "The endpoint; nothing when they are only written."},
                   {"tracking_id", text, "Where they belong there."},
                   {"client_id", text, "The random name they are sent under; nothing before the first one was sent."},
                   {"file", text, "Where the latest one is written."},
                   {"count", number, "Reports since the start."},
                   {"latest", time, "When the latest one was made."},
                   {"next", time, "When the next one will be made."},
                   {"failure", text, "Why the latest one could not be written or sent."}},
       .run = &status}};
}

}  // namespace meerkat::admin
