// SPDX-License-Identifier: Apache-2.0
// What a client keeps until its login is done.
#pragma once

#include <optional>

#include "admin/bench/client_stream.h"
#include "runtime/timer.h"

namespace meerkat::bench {

inline constexpr std::string_view resource_wanted = "bench";

struct ClientStream::Login {
  Login(ClientTask what, SteadyTime now) : task(what), began(now) {}

  ClientTask task;
  bool secure = false;
  bool authenticated = false;
  bool server_proved = false;
  bool needs_session = false;
  SteadyTime began;
  std::optional<ScramClient> scram;
  Timer deadline;
};

}  // namespace meerkat::bench
