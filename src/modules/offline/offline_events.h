// SPDX-License-Identifier: Apache-2.0
// What other rooms may know of messages that are kept for later.
#pragma once

#include <string_view>

#include "core/delivery_log.h"
#include "core/host_type.h"

namespace meerkat {

struct KeepingAsked {
  static constexpr std::string_view name = "keeping_asked";
  static constexpr std::string_view about =
      "Somebody wants to know whether a message that found nobody would be kept, if there is room. Answered at once: "
      "whoever would keep it sets `kept`.";
  HostType& host;
  const Stanza& message;
  bool kept = false;
};

struct MessageKept {
  static constexpr std::string_view name = "message_kept";
  static constexpr std::string_view about =
      "A message that found nobody is safely in the store, for the next session of its account; on the account's home "
      "worker.";
  HostType& host;
  EntryRef entry;
};

}  // namespace meerkat
