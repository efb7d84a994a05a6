// SPDX-License-Identifier: Apache-2.0
// What is counted and measured, as monitors read it.
#include "admin/commands.h"
#include "admin/premises.h"
#include "base/metrics/exometer.h"
#include "base/metrics/prometheus.h"

namespace meerkat::admin {
namespace {

Task<CommandResult> show(const Premises& premises, Arguments arguments) {
  const std::string part = arguments.text("part");
  const bool for_exometer = arguments.given("exometer");
  const auto print = [&] {
    const auto all = premises.metrics.read();
    return for_exometer ? metrics::exometer_text(all, part) : metrics::prometheus_text(all, part);
  };
  // Many host types have much to tell.
  std::string text;
  if (premises.caretaker != nullptr)
    text = co_await premises.caretaker->run(print);
  else
    text = print();
  if (text.empty() && !part.empty())
    co_return Refusal{"no_such_metric", "No metric has that in its name, or none that has a value yet."};
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
                          .sentence = "By the names that Exometer has for them, with their datapoints."}},
           .run = &show}};
}

}  // namespace meerkat::admin
