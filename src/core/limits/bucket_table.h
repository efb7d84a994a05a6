// SPDX-License-Identifier: Apache-2.0
// Token buckets for whoever may come by: addresses, accounts. Bounded, whatever comes.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>

#include "core/limits/bucket.h"

namespace meerkat {

// Keys are hashes under the key of the process (keyed_hash), so nobody outside can aim at a place. Eight places share a
// line; the bucket that is the fullest, and so says the least, makes room for a new one. Any thread may call anything;
// a lock is held for one line and a few instructions. The memory is taken at the first use, and touched as it fills.
class BucketTable {
 public:
  static constexpr std::size_t most_buckets = 64 * 1024;

  explicit BucketTable(Pace pace = {});
  ~BucketTable();

  void change(Pace pace);
  Pace pace() const;

  // False when there is no token left.
  bool take(std::uint64_t key, SteadyTime now);
  void charge(std::uint64_t key, SteadyTime now);
  void give_back(std::uint64_t key, SteadyTime now);
  // Full again, as if it had never come.
  void forget(std::uint64_t key);
  std::chrono::nanoseconds wait(std::uint64_t key, SteadyTime now) const;
  std::uint32_t missing(std::uint64_t key, SteadyTime now) const;

 private:
  static constexpr std::size_t places_per_line = 8;
  static constexpr std::size_t lines = most_buckets / places_per_line;
  static constexpr std::size_t locks = 64;

  struct Place {
    std::uint64_t key;
    Bucket bucket;
  };
  struct Line {
    std::array<Place, places_per_line> places;
  };
  struct Locked;

  Locked at(std::uint64_t key) const;
  Line* table() const;

  mutable std::array<std::mutex, locks> mutexes_;
  mutable std::atomic<Line*> table_{nullptr};
  mutable std::once_flag made_;
  std::atomic<std::int64_t> interval_;
  std::atomic<std::uint32_t> burst_;
};

}  // namespace meerkat
