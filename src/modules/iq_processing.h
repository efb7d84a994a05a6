// SPDX-License-Identifier: Apache-2.0
// The option `iqdisc` of modules that answer IQs. Requests of an account are answered at its home, several at a time;
// the option is read for the sake of existing files, and changes nothing yet.
#pragma once

#include <cstdint>
#include <optional>

#include "config/section.h"

namespace meerkat {

struct IqProcessing {
  enum class Type : std::uint8_t { no_queue, one_queue, queues, parallel };

  Type type = Type::no_queue;
  std::optional<std::uint32_t> workers;
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
