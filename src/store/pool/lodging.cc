// SPDX-License-Identifier: Apache-2.0
#include "store/pool/lodging.h"

#include <utility>

#include "store/pool/unavailable.h"

namespace meerkat {

void OutgoingPool::Lodging::poke() {
  // What one turn asks for is sent together.
  if (Worker::current() == &home_ && stage_.load(std::memory_order_relaxed) == Stage::lodging) {
    if (until_turn_end_) return;
    until_turn_end_ = shared_from_this();
    return home_.at_turn_end(*this);
  }
  if (is_poked_.exchange(true)) return;
  until_opened_ = shared_from_this();
  open = [](Mail* self, Worker&) noexcept { static_cast<Lodging*>(self)->opened(); };
  home_.post(*this);
}

void OutgoingPool::Lodging::opened() noexcept {
  const std::shared_ptr<Lodging> self = std::move(until_opened_);
  is_poked_.store(false);
  if (stage_.load() == Stage::offered && !adopt()) return;
  if (stage_.load() != Stage::lodging) return;
  attempt([this] { ask_what_waits(); });
}

void OutgoingPool::Lodging::turn_ended() noexcept {
  const std::shared_ptr<Lodging> self = std::move(until_turn_end_);
  if (stage_.load(std::memory_order_relaxed) != Stage::lodging) return;
  attempt([this] { ask_what_waits(); });
}

// False when the member's thread was quicker.
bool OutgoingPool::Lodging::adopt() noexcept {
  Stage offered = Stage::offered;
  if (!stage_.compare_exchange_strong(offered, Stage::lodging)) return false;
  home_.receive(*this);
  attempt([this] {
    home_.loop().watch(member_.link->descriptor(), *this, Interest::read);
    interest_ = Interest::read;
  });
  return true;
}

template <class Step>
void OutgoingPool::Lodging::attempt(Step step) noexcept {
  try {
    step();
  } catch (...) {
    return give_back(std::current_exception());  // told to the operator, and to those who wait
  }
  if (supply_.oldest() == nullptr && is_recalled_.load(std::memory_order_relaxed)) give_back({});
}

void OutgoingPool::Lodging::ready(Readiness what) noexcept {
  attempt([&] {
    if (what.write) send();
    if (what.read || what.hang_up) hear();
  });
}

void OutgoingPool::Lodging::ask_what_waits() {
  if (supply_.is_full()) return;
  supply_.fetch();
  bool is_news = false;
  while (Call* const call = supply_.take_fetched()) {
    flow_.ask(*call);
    is_news = true;
  }
  if (!is_news) return;
  send();
  watch_time();
}

void OutgoingPool::Lodging::send() {
  const Interest wanted = flow_.send(supply_) ? Interest::both : Interest::read;
  if (std::exchange(interest_, wanted) != wanted) home_.loop().change(member_.link->descriptor(), *this, wanted);
}

void OutgoingPool::Lodging::hear() {
  if (supply_.oldest() == nullptr) return member_.link->hears();
  const bool was_full = supply_.is_full();
  flow_.hear(supply_);
  if (was_full) ask_what_waits();
}

// One timer for all: it looks at the oldest when it fires.
void OutgoingPool::Lodging::watch_time() {
  const Call* const oldest = supply_.oldest();
  if (oldest == nullptr || timer_.is_set()) return;
  timer_.set(
      home_.timers(), supply_.deadline(*oldest) - std::chrono::steady_clock::now(),
      [](void* self) { static_cast<Lodging*>(self)->time_passed(); }, this);
}

void OutgoingPool::Lodging::time_passed() noexcept {
  attempt([this] {
    const Call* const oldest = supply_.oldest();
    if (oldest != nullptr && supply_.deadline(*oldest) <= std::chrono::steady_clock::now())
      throw Unavailable{"no answer in time", Unavailable::Why::timed_out};
    watch_time();
  });
}

void OutgoingPool::Lodging::give_back(const std::exception_ptr& failure) noexcept {
  Stage lodging = Stage::lodging;
  if (!stage_.compare_exchange_strong(lodging, Stage::over)) return;
  if (std::exchange(interest_, Interest::none) != Interest::none) home_.loop().forget(member_.link->descriptor());
  timer_.cancel();
  home_.leaves(*this);
  home_.bury(std::make_unique<std::shared_ptr<Lodging>>(shared_from_this()));  // an event of this turn may name it

  Lock lock{pool_.mutex_};
  CallQueue left = supply_.leave();
  if (failure)
    pool_.broke(member_, lock, failure);
  else if (!left.empty())
    pool_.abandon(member_, lock);
  pool_.settle(member_, left, lock);
  // The last thing: after that the pool may go.
  member_.lodging.reset();
  member_.wake_up->ring();
}

}  // namespace meerkat
