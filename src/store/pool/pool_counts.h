// SPDX-License-Identifier: Apache-2.0
// What a pool has done since the start.
#pragma once

#include <array>
#include <atomic>
#include <bit>
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
  // Bucket i holds those under 2^i microseconds, the last one all others.
  static constexpr std::size_t buckets = 28;

  void took(std::chrono::nanoseconds time) {
    const auto micros = static_cast<std::uint64_t>(time.count() < 0 ? 0 : time.count() / 1000);
    const auto bucket = static_cast<std::size_t>(std::bit_width(micros));
    counts_[bucket < buckets ? bucket : buckets - 1].fetch_add(1, std::memory_order_relaxed);
    total_.fetch_add(micros, std::memory_order_relaxed);
  }
  std::uint64_t in_bucket(std::size_t index) const { return counts_[index].load(std::memory_order_relaxed); }
  std::chrono::microseconds total() const { return std::chrono::microseconds{total_.load(std::memory_order_relaxed)}; }
  std::uint64_t count() const {
    std::uint64_t all = 0;
    for (const auto& bucket : counts_) all += bucket.load(std::memory_order_relaxed);
    return all;
  }

 private:
  std::array<std::atomic<std::uint64_t>, buckets> counts_{};
  std::atomic<std::uint64_t> total_{0};
};

}  // namespace meerkat
