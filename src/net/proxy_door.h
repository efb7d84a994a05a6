// SPDX-License-Identifier: Apache-2.0
// Stands between a listener and whoever takes its connections: waits until the proxy has said where each comes from.
#pragma once

#include <chrono>
#include <cstddef>

#include "net/listener.h"
#include "net/proxy_header.h"
#include "runtime/worker.h"

namespace meerkat {

// Lives on one worker. A connection without a header, with a wrong one, or with one that takes too long is closed.
// Behind the header not a byte is taken, so TLS may follow at once.
class ProxyDoor final : public ConnectionTaker {
 public:
  static constexpr std::chrono::milliseconds longest_wait{5000};
  // Connections that wait; one more, and the oldest is closed.
  static constexpr std::size_t most_waiting = 1024;

  ProxyDoor(Worker& here, ConnectionTaker& taker) : worker_(here), taker_(taker) {}
  ~ProxyDoor();

  void accepted(int descriptor, const PeerAddress& proxy) noexcept override;
  std::size_t waiting() const { return count_; }

 private:
  class Arrival;

  void turn_away(Arrival& arrival, std::string_view why);
  // Takes it out of the list; its memory lasts until the end of the turn.
  void dismiss(Arrival& arrival);

  Worker& worker_;
  ConnectionTaker& taker_;
  Arrival* newest_ = nullptr;
  Arrival* oldest_ = nullptr;
  std::size_t count_ = 0;
};

}  // namespace meerkat
