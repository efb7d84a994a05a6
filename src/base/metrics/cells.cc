// SPDX-License-Identifier: Apache-2.0
#include "base/metrics/cells.h"

#include <algorithm>

#include "base/check.h"

namespace meerkat::metrics {

Slot Cells::allocate(std::size_t count) {
  check(count <= per_page, "what is counted together fits on a page");
  const std::lock_guard lock{mutex_};
  const std::size_t left_on_page = per_page - allocated_ % per_page;
  if (count > left_on_page) allocated_ += left_on_page;
  const std::size_t first = allocated_;
  allocated_ += count;
  return static_cast<Slot>(first);
}

void Cells::add_slowly(Slot slot, std::uint64_t by) noexcept {
  const std::uint32_t number = claim_thread_number();
  const std::lock_guard lock{mutex_};
  Pages& pages = number < most_threads ? threads_[number] : overflow_;
  if (number < most_threads) threads_seen_ = std::max<std::size_t>(threads_seen_, number + 1);
  const std::size_t page = slot / per_page;
  if (page >= pages.size()) pages.resize(page + 1);
  if (pages[page] == nullptr) pages[page] = std::make_unique<Page>();
  bump((*pages[page])[slot % per_page], by);
}

void Cells::sum(Slot first, std::span<std::uint64_t> sums) const {
  std::ranges::fill(sums, 0);
  const std::size_t page = first / per_page;
  const auto add = [&](const Pages& pages) {
    if (page >= pages.size() || pages[page] == nullptr) return;
    for (std::size_t i = 0; i < sums.size(); ++i)
      sums[i] += (*pages[page])[first % per_page + i].load(std::memory_order_relaxed);
  };
  const std::lock_guard lock{mutex_};
  add(overflow_);
  for (std::size_t i = 0; i < threads_seen_; ++i) add(threads_[i]);
}

}  // namespace meerkat::metrics
