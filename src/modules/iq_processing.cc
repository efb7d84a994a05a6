// SPDX-License-Identifier: Apache-2.0
#include "modules/iq_processing.h"

namespace meerkat {
namespace {

void workers_belong_to_queues(const IqProcessing& options, config::Checker& checker) {
  const bool queues = options.type == IqProcessing::Type::queues;
  if (queues && !options.workers) checker.refuse("type", "\"queues\" needs the option workers as well");
  if (!queues && options.workers) checker.warn("workers", "is of use only together with type = \"queues\"");
}

}  // namespace

config::Section<IqProcessing> iqdisc_section(IqProcessing::Type usual) {
  return config::Section<IqProcessing>{"iqdisc", "How requests to this module queue up.", {.type = usual}}
      .option("type", &IqProcessing::type, "Accepted as in MongooseIM; has no effect yet.")
      .option("workers", &IqProcessing::workers, "How many queues there are.", config::at_least(1))
      .check(workers_belong_to_queues);
}

}  // namespace meerkat
