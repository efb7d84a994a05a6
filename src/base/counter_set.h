// SPDX-License-Identifier: Apache-2.0
// How often each of a few kinds of things has happened since the start.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace meerkat {

// Sums that many threads add to and few read. Threads are dealt out to a few stripes, so that two of them that add at
// the same time seldom wait for each other's cache line. Any thread.
template <std::size_t count>
class StripedSums {
 public:
  void add(std::size_t which, std::uint64_t amount) {
    stripes_[stripe_of_this_thread()].sums[which].fetch_add(amount, std::memory_order_relaxed);
  }
  std::uint64_t sum(std::size_t which) const {
    std::uint64_t all = 0;
    for (const Stripe& stripe : stripes_) all += stripe.sums[which].load(std::memory_order_relaxed);
    return all;
  }

 private:
  static constexpr std::size_t stripes = 8;
  struct alignas(64) Stripe {
    std::array<std::atomic<std::uint64_t>, count> sums{};
  };
  static std::size_t stripe_of_this_thread() {
    static std::atomic<std::size_t> dealt{0};
    static thread_local const std::size_t mine = dealt.fetch_add(1, std::memory_order_relaxed) % stripes;
    return mine;
  }

  std::array<Stripe, stripes> stripes_{};
};

// `Kind` is an enum whose values count from 0 to `last`. Any thread.
template <class Kind, Kind last>
class CounterSet {
 public:
  static constexpr std::size_t kinds = static_cast<std::size_t>(last) + 1;

  void count(Kind which, std::uint64_t times = 1) { sums_.add(static_cast<std::size_t>(which), times); }
  std::uint64_t times(Kind which) const { return sums_.sum(static_cast<std::size_t>(which)); }
  static constexpr std::array<Kind, kinds> all() {
    std::array<Kind, kinds> every{};
    for (std::size_t i = 0; i < kinds; ++i) every[i] = static_cast<Kind>(i);
    return every;
  }

 private:
  StripedSums<kinds> sums_;
};

}  // namespace meerkat
