// SPDX-License-Identifier: Apache-2.0
// Listening sockets that were opened before the server was started: socket activation, sd_listen_fds(3).
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "net/listener.h"

namespace meerkat {

// Keeps the sockets open until it is destroyed, so that a listener that goes and comes back finds its own again, and
// clients wait in between instead of being refused.
class InheritedSockets {
 public:
  // Takes LISTEN_PID, LISTEN_FDS and LISTEN_FDNAMES out of the environment; at the start, before there are threads.
  static InheritedSockets from_environment();

  InheritedSockets() = default;
  InheritedSockets(InheritedSockets&& other) noexcept;
  InheritedSockets& operator=(InheritedSockets&& other) = delete;
  ~InheritedSockets();

  // `count` descriptors, the caller's own, for this address (0.0.0.0 also finds [::], which serves both); empty when
  // none was inherited. Several workers share one accept queue, since what they got are copies of one socket.
  std::vector<int> take(const ListenAddress& address, std::size_t count);

  // What nobody has asked for, by name and address, for a warning: "meerkat.socket (192.0.2.1:5269)".
  std::vector<std::string> left_over() const;

 private:
  struct Socket {
    int descriptor;
    std::string name;
    bool taken = false;
  };
  std::vector<Socket> sockets_;
};

}  // namespace meerkat
