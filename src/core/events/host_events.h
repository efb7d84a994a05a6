// SPDX-License-Identifier: Apache-2.0
// Events of a host type: the server starts and stops.
#pragma once

#include <string_view>

#include "core/host_type.h"

namespace meerkat {

struct HostOpens {
  static constexpr std::string_view name = "host_opens";
  static constexpr std::string_view about =
      "The server has started, and nobody can connect yet: listeners wait for whoever waits here, for a while. Once, "
      "on "
      "each worker.";
  HostType& host;
};

struct HostCloses {
  static constexpr std::string_view name = "host_closes";
  static constexpr std::string_view about =
      "The server stops: all streams have ended, and what was under way has arrived. The store closes when all who "
      "wait "
      "here are done, or a while later. Once, on each worker.";
  HostType& host;
};

}  // namespace meerkat
