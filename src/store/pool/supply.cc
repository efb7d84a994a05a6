// SPDX-License-Identifier: Apache-2.0
#include "store/pool/supply.h"

#include <ranges>
#include <utility>
#include <vector>

namespace meerkat {

void OutgoingPool::Supply::begins(Call& call) {
  taken_.push(call);
  tell_load();
}

Call* OutgoingPool::Supply::take() {
  if (ready_.empty() && may_have_more()) fetch();
  return take_fetched();
}

Call* OutgoingPool::Supply::take_fetched() {
  Call* const call = ready_.pop();
  if (call != nullptr) taken_.push(*call);
  return call;
}

int OutgoingPool::Supply::wake_up() {
  if (!may_have_more()) return -1;
  const std::lock_guard lock{pool_.mutex_};
  is_listening_ = member_.asleep = true;
  if (!member_.queue.empty()) pool_.wake(member_);
  return member_.wake_up->descriptor();
}

void OutgoingPool::Supply::finish(Call& call, std::exception_ptr failure) noexcept {
  taken_.remove(call);
  tell_load();
  pool_.finish(call, std::move(failure));
}

void OutgoingPool::Supply::fetch() {
  Refusals refusals;
  {
    const std::lock_guard lock{pool_.mutex_};
    if (std::exchange(is_listening_, false)) stop_listening();
    const SteadyTime now = std::chrono::steady_clock::now();
    while (!is_full()) {
      Call* const call = pool_.next_call(member_, refusals, now);
      if (call == nullptr) break;
      ready_.push(*call);
    }
    if (!ready_.empty()) member_.last_used = now;
    tell_load();
  }
  pool_.tell(refusals);
}

// A ring may still come, of a worker whose turn has not ended; so there is quiet only after one more look.
void OutgoingPool::Supply::stop_listening() {
  member_.asleep = false;
  member_.wake_up->hush();
}

// Who waits for a free worker is not queued behind a busy one.
bool OutgoingPool::Supply::may_have_more() const {
  return !is_full() && pool_.settings_.options.strategy != PoolStrategy::available_worker;
}

CallQueue OutgoingPool::Supply::leave() {
  std::vector<Call*> untouched;
  while (Call* const call = ready_.pop()) untouched.push_back(call);
  for (Call* const call : untouched | std::views::reverse) member_.queue.push_front(*call);
  if (!untouched.empty()) pool_.wake_watch();
  member_.asleep = false;
  member_.under_way.store(0, std::memory_order_relaxed);
  return std::exchange(taken_, {});
}

}  // namespace meerkat
