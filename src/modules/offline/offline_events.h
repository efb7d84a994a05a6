// SPDX-License-Identifier: Apache-2.0
// What other rooms may know of messages that are kept for later.
#pragma once

#include <string_view>

#include "core/delivery_log.h"
#include "core/host_type.h"

namespace meerkat {

struct MessageKept {
  static constexpr std::string_view name = "message_kept";
  static constexpr std::string_view about =
      "A message that found nobody is safely in the store, for the next session of its account; on the account's home "
      "worker.";
  HostType& host;
  EntryRef entry;
};

}  // namespace meerkat
