// SPDX-License-Identifier: Apache-2.0
// What a pool has done since the start.
#pragma once

#include <chrono>
#include <cstdint>

#include "base/counter_set.h"

namespace meerkat {

enum class PoolEvent : std::uint8_t {
  called,
  answered,
  failed,     // the connection broke under the call, or the service refused it
  timed_out,  // no answer in time
  refused,    // nobody could take the call
  dropped,    // made room for a younger one
  repeated,   // asked again on another connection
  connected,
  connect_failed,
  disconnected,  // a connection ended that nobody had told to
  bytes_sent,
  bytes_received
};

using PoolEvents = CounterSet<PoolEvent, PoolEvent::bytes_received>;

// How long calls took, queueing included. Any thread.
class PoolLatency {
 public:
  void took(std::chrono::nanoseconds time) {
    sums_.add(0, 1);
    sums_.add(1, static_cast<std::uint64_t>(time.count() < 0 ? 0 : time.count()));
  }
  std::uint64_t count() const { return sums_.sum(0); }
  std::chrono::microseconds total() const { return std::chrono::microseconds{sums_.sum(1) / 1000}; }

 private:
  StripedSums<2> sums_;
};

}  // namespace meerkat
