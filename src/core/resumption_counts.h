// SPDX-License-Identifier: Apache-2.0
// What became of sessions with stream management (XEP-0198), for those who look after the server.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "base/counter_set.h"

namespace meerkat {

enum class Resumption : std::uint8_t {
  detached,         // a session lost its connection and waits for its client
  resumed,          // a client took its session up again
  refused,          // a client asked for a session that is not there
  expired,          // nobody came back in time
  buffer_exceeded,  // a session was ended because its client acknowledged nothing
  shed,             // a detached session was ended because the server is short of memory
  rerouted,         // a message that a session had not acknowledged when it ended
};

// Of one worker, since the start. Any thread.
class ResumptionCounts : public CounterSet<Resumption, Resumption::rerouted> {
 public:
  // A stable word for `meerkat status` and metrics.
  static constexpr std::string_view name(Resumption what) {
    constexpr std::array<std::string_view, kinds> names{"detached",        "resumed", "refused", "expired",
                                                        "buffer_exceeded", "shed",    "rerouted"};
    return names[static_cast<std::size_t>(what)];
  }
};

}  // namespace meerkat
