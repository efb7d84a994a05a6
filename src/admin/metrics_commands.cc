// SPDX-License-Identifier: Apache-2.0
// What is counted and measured, as monitors read it.
#include <span>
#include <string>

#include <fmt/ranges.h>

#include "admin/commands.h"
#include "admin/premises.h"
#include "base/metrics/exometer.h"
#include "base/metrics/prometheus.h"

namespace meerkat::admin {
namespace {

std::string_view name_of(metrics::Kind kind) {
  switch (kind) {
    case metrics::Kind::gauge:
      return "gauge";
    case metrics::Kind::counter:
      return "counter";
    case metrics::Kind::spiral:
      return "spiral";
    case metrics::Kind::histogram:
      return "histogram";
  }
  return {};
}

// "mod_ping_response {host_type}: count spiral, time histogram. A client answered a ping."
std::string description(std::span<const metrics::Event> events, std::string_view part) {
  std::string out;
  for (const metrics::Event& event : events) {
    if (event.name.find(part) == std::string_view::npos) continue;
    std::string measured;
    for (const metrics::Measurement& each : event.measured())
      measured += fmt::format("{}{} {}", measured.empty() ? "" : ", ", each.name, name_of(each.kind));
    out +=
        fmt::format("{} {{{}}}: {}. {}\n", event.name, fmt::join(event.label_keys(), ", "), measured, event.sentence);
  }
  return out;
}

Task<CommandResult> show(const Premises& premises, Arguments arguments) {
  const std::string part = arguments.text("part");
  const bool for_exometer = arguments.given("exometer");
  const bool describes = arguments.given("describe");
  const auto print = [&] {
    if (describes) return description(premises.metrics.events(), part);
    if (for_exometer) {
      const auto all = premises.exometer ? premises.exometer() : metrics::exometer_metrics(premises.metrics.read());
      return metrics::exometer_text(all, part);
    }
    std::string text = metrics::prometheus_text(premises.metrics.read(), part);
    if (premises.process) text += metrics::process_text(premises.process(), part);
    return text;
  };
  // Many host types have much to tell.
  std::string text;
  if (premises.reader != nullptr)
    text = co_await premises.reader->run(print);
  else
    text = print();
  if (text.empty() && !part.empty())
    co_return Refusal{"no_such_metric", "no metric has that in its name, or none that has a value yet"};
  if (text.ends_with('\n')) text.pop_back();
  co_return Sentence{std::move(text)};
}

}  // namespace

std::vector<Command> metrics_commands() {
  return {{.affair = "",
           .name = "metrics",
           .sentence = "Shows what is counted and measured, in the format of Prometheus.",
           .arguments = {{.name = "part", .sentence = "Only of metrics with this in their name.", .by_place = true},
                         {.name = "exometer",
                          .type = ArgumentType::flag,
                          .sentence = "By the names that Exometer has for them, with their datapoints."},
                         {.name = "describe",
                          .type = ArgumentType::flag,
                          .sentence = "Tells what each event is, with its labels and measurements, and no values."}},
           .run = &show}};
}

}  // namespace meerkat::admin
