// SPDX-License-Identifier: Apache-2.0
// The option `iqdisc` of modules that answer IQs: how their requests wait for each other (iq_queue.h).
#pragma once

#include <cstdint>
#include <optional>

#include "config/section.h"

namespace meerkat {

struct IqProcessing {
  // no_queue: what its sender says next waits for the answer.
  // one_queue: one after the other, in the order in which they come.
  // queues: several such queues; all requests of a sender stand in the same one.
  // parallel: all at once, in no order.
  enum class Type : std::uint8_t { no_queue, one_queue, queues, parallel };

  Type type = Type::no_queue;
  std::optional<std::uint32_t> workers;  // how many queues, with `queues`

  friend bool operator==(const IqProcessing&, const IqProcessing&) = default;
};

// `usual` is what the module does when the option is absent.
config::Section<IqProcessing> iqdisc_section(IqProcessing::Type usual);

}  // namespace meerkat

template <>
struct meerkat::config::EnumNames<meerkat::IqProcessing::Type> {
  using enum meerkat::IqProcessing::Type;
  static constexpr EnumName names[] = {
      {no_queue, "no_queue"}, {one_queue, "one_queue"}, {queues, "queues"}, {parallel, "parallel"}};
};
