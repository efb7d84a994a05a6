// SPDX-License-Identifier: Apache-2.0
// What is held by those who count: one measurement of one event, its labels bound. Copied freely; used while the Series
// that gave it is there. Any thread.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <chrono>
#include <cstddef>
#include <cstdint>

#include "base/metrics/cells.h"

namespace meerkat::metrics {

class Spiral {
 public:
  void add(std::uint64_t times = 1) const noexcept {
    cells_->add(slot_, times);
    cells_->tell(slot_, static_cast<std::int64_t>(times));
  }

 private:
  friend class Series;
  Spiral(Cells& cells, Slot slot) : cells_(&cells), slot_(slot) {}
  Cells* cells_;
  Slot slot_;
};

class Counter {
 public:
  void add(std::int64_t change) const noexcept {
    cells_->add(slot_, static_cast<std::uint64_t>(change));
    cells_->tell(slot_, change);
  }

 private:
  friend class Series;
  Counter(Cells& cells, Slot slot) : cells_(&cells), slot_(slot) {}
  Cells* cells_;
  Slot slot_;
};

class Histogram {
 public:
  // The limits of the buckets are 1, 2, 4 … 2^30, and there is no limit to the last one.
  static constexpr std::size_t buckets = 32;
  static constexpr std::size_t cells = buckets + 1;  // and the sum of all values

  // Bytes.
  void record(std::uint64_t value) const noexcept {
    cells_->add(slot_ + static_cast<Slot>(bucket_of(value)), 1);
    cells_->add(slot_ + static_cast<Slot>(buckets), value);
    cells_->tell(slot_, static_cast<std::int64_t>(value));
  }
  // Microseconds.
  void record(std::chrono::nanoseconds time) const noexcept {
    record(static_cast<std::uint64_t>(std::max<std::int64_t>(time.count(), 0)) / 1000);
  }

  // The first bucket whose limit is not below the value.
  static constexpr std::size_t bucket_of(std::uint64_t value) {
    return value <= 1 ? 0 : std::min<std::size_t>(static_cast<std::size_t>(std::bit_width(value - 1)), buckets - 1);
  }

 private:
  friend class Series;
  Histogram(Cells& cells, Slot slot) : cells_(&cells), slot_(slot) {}
  Cells* cells_;
  Slot slot_;
};

// The cells of an event with a packing.
class PackedCells {
 public:
  // Which of them, and by how much.
  using Step = metrics::Step;
  template <std::size_t count>
  void add(std::array<Step, count> steps) const noexcept {
    for (Step& step : steps) step.slot += first_;
    cells_->add(steps);
    cells_->tell(steps);
  }

 private:
  friend class Series;
  PackedCells(Cells& cells, Slot first) : cells_(&cells), first_(first) {}
  Cells* cells_;
  Slot first_;
};

// Set seldom, so all threads set the same one.
class Gauge {
 public:
  using Time = std::chrono::steady_clock::time_point;
  struct Value {
    std::atomic<std::int64_t> value{0};
    std::atomic<Time> set_at{never};
  };
  static constexpr Time never{};

  void set(std::int64_t value) const noexcept {
    value_->value.store(value, std::memory_order_relaxed);
    value_->set_at.store(std::chrono::steady_clock::now(), std::memory_order_release);
    cells_->tell(slot_, value);
  }

 private:
  friend class Series;
  Gauge(Value& value, const Cells& cells, Slot slot) : value_(&value), cells_(&cells), slot_(slot) {}
  Value* value_;
  const Cells* cells_;
  Slot slot_;  // its name: nothing is counted there
};

}  // namespace meerkat::metrics
