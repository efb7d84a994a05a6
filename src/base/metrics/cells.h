// SPDX-License-Identifier: Apache-2.0
// Numbers that any thread counts in and nobody waits for: each thread has a cell of its own for each of them, written
// by it alone, and whoever reads adds them up.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "base/metrics/thread_number.h"

namespace meerkat::metrics {

// Which number it is, for all threads.
using Slot = std::uint32_t;

// A slot, and by how much.
struct Step {
  Slot slot;
  std::uint64_t by;
};

// Hears of everything as it is counted, on the thread that counts.
class CountWatcher {
 public:
  virtual void counted(Slot slot, std::int64_t value) noexcept = 0;
  // Of an event with a packing.
  virtual void counted(std::span<const Step> steps) noexcept = 0;

 protected:
  ~CountWatcher() = default;
};

// Any thread. Outlives the threads that count in it, or at least their counting.
class Cells {
 public:
  static constexpr std::size_t per_page = 512;

  Cells() : threads_(most_threads + 1) {}
  Cells(const Cells&) = delete;
  Cells& operator=(const Cells&) = delete;

  // So many slots in a row, at most a page of them. They are never given back.
  Slot allocate(std::size_t count);

  // 1 ns on the bench: no lock, and no cache line that another thread writes. What a thread counts in for the first
  // time is made for it, under a lock.
  void add(Slot slot, std::uint64_t by) noexcept {
    const Pages& mine = threads_[thread_number()];
    const std::size_t page = slot / per_page;
    if (page >= mine.size() || mine[page] == nullptr) [[unlikely]]
      return add_slowly(slot, by);
    bump((*mine[page])[slot % per_page], by);
  }

  // Several slots that were allocated together: what the thread has is looked for once.
  template <std::size_t count>
  void add(const std::array<Step, count>& steps) noexcept {
    const Pages& mine = threads_[thread_number()];
    const std::size_t page = steps[0].slot / per_page;
    if (page >= mine.size() || mine[page] == nullptr) [[unlikely]] {
      for (const Step& step : steps) add_slowly(step.slot, step.by);
      return;
    }
    for (const Step& step : steps) bump((*mine[page])[step.slot % per_page], step.by);
  }

  // Null: nobody hears. The one before may still be hearing of something for a moment.
  void watch(CountWatcher* watcher) { watcher_.store(watcher, std::memory_order_release); }
  // What the holders of handles do after each `add`: one branch while nobody watches.
  void tell(Slot slot, std::int64_t value) const noexcept {
    CountWatcher* const watcher = watcher_.load(std::memory_order_acquire);
    if (watcher != nullptr) [[unlikely]]
      watcher->counted(slot, value);
  }
  void tell(std::span<const Step> steps) const noexcept {
    CountWatcher* const watcher = watcher_.load(std::memory_order_acquire);
    if (watcher != nullptr) [[unlikely]]
      watcher->counted(steps);
  }

  // Of as many slots as were allocated in a row, or fewer. Modulo 2^64, so what was added as a negative number is taken
  // away.
  void sum(Slot first, std::span<std::uint64_t> sums) const;

 private:
  using Cell = std::atomic<std::uint64_t>;
  struct alignas(64) Page : std::array<Cell, per_page> {};
  // Grown by the thread they belong to alone, under the lock; so it reads them without, and others with it.
  using Pages = std::vector<std::unique_ptr<Page>>;

  static void bump(Cell& cell, std::uint64_t by) noexcept {
    cell.store(cell.load(std::memory_order_relaxed) + by, std::memory_order_relaxed);
  }
  // Aborts when there is no memory left.
  void add_slowly(Slot slot, std::uint64_t by) noexcept;

  // By thread number. Those without a number find nothing in the last one and go the slow way, to `overflow_`.
  std::vector<Pages> threads_;
  std::atomic<CountWatcher*> watcher_{nullptr};  // on the same line as what every `add` reads
  mutable std::mutex mutex_;
  std::size_t allocated_ = 0;
  std::size_t threads_seen_ = 0;  // no number from here on has counted
  Pages overflow_;
};

}  // namespace meerkat::metrics
