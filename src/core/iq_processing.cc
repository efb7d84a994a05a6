// SPDX-License-Identifier: Apache-2.0
#include "core/iq_processing.h"

namespace meerkat {
namespace {

void workers_belong_to_queues(const IqProcessing& options, config::Checker& checker) {
  const bool queues = options.type == IqProcessing::Type::queues;
  if (queues && !options.workers) checker.refuse("type", "\"queues\" needs the option workers as well");
  if (!queues && options.workers) checker.warn("workers", "is of use only together with type = \"queues\"");
}

}  // namespace

config::Section<IqProcessing> iqdisc_section(IqProcessing::Type usual) {
  return config::Section<IqProcessing>{
      "iqdisc", "How requests to this module wait for each other, when answers take time.", {.type = usual}}
      .option("type", &IqProcessing::type,
              "\"no_queue\": what a client says next waits for the answer; \"one_queue\": one after the other, on each "
              "worker thread; \"queues\": in several queues, all of a client's in the same; \"parallel\": all at once, "
              "in no order.")
      .option("workers", &IqProcessing::workers,
              "How many queues there are in the whole server, at least one on each worker thread.", config::at_least(1),
              config::example("4"), config::at_most(10000))
      .check(workers_belong_to_queues);
}

}  // namespace meerkat
