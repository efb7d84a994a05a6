// SPDX-License-Identifier: Apache-2.0
// Listeners of a new configuration, prepared beside those that run: nothing of it can fail any more once it is there.
#pragma once

#include <cstddef>
#include <expected>
#include <memory>
#include <string>
#include <vector>

#include "server/ports.h"

namespace meerkat {

// Listeners are the same when address and port are. Those sockets stay; new connections go by the new options.
struct PortChange {
  struct Kept {
    std::size_t which;  // of the ports that are open
    C2sListenSettings settings;
    std::shared_ptr<const C2sOptions> options;
    FileWatch files;
  };
  std::vector<Kept> kept;
  std::vector<Port> fresh;        // open, and not handed over
  std::vector<std::size_t> gone;  // of the ports that are open

  // Reads certificates and opens sockets; not on a worker. The error says what to do.
  static std::expected<PortChange, std::string> prepare(const std::vector<Port>& open, PortSurroundings around);
};

}  // namespace meerkat
