// SPDX-License-Identifier: Apache-2.0
#include "runtime/timer.h"

#include <algorithm>
#include <bit>

namespace meerkat {

void Timer::set(TimerWheel& wheel, std::chrono::nanoseconds after, Fired fired, void* context) {
  cancel();
  const auto ticks = (after + TimerWheel::tick - std::chrono::nanoseconds{1}) / TimerWheel::tick;
  tick_ = wheel.now() + 1 + static_cast<std::uint64_t>(std::max<std::int64_t>(0, ticks));
  fired_ = fired;
  context_ = context;
  wheel_ = &wheel;
  wheel.link(*this);
}

void Timer::cancel() {
  if (is_set()) wheel_->unlink(*this);
}

TimerWheel::TimerWheel(const Clock& clock) : clock_(clock) {
  for (Timer& head : slots_) head.previous_ = head.next_ = &head;
  done_ = now();
}

TimerWheel::~TimerWheel() {
  for (Timer& head : slots_) {
    while (head.next_ != &head) unlink(*head.next_);
    head.previous_ = head.next_ = nullptr;
  }
}

std::uint64_t TimerWheel::now() const { return static_cast<std::uint64_t>(clock_.steady().time_since_epoch() / tick); }

void TimerWheel::link(Timer& timer) {
  const std::size_t slot = timer.tick_ % slot_count;
  Timer& head = slots_[slot];
  timer.next_ = &head;
  timer.previous_ = head.previous_;
  head.previous_->next_ = &timer;
  head.previous_ = &timer;
  occupied_[slot / 64] |= std::uint64_t{1} << slot % 64;
  ++count_;
}

void TimerWheel::unlink(Timer& timer) {
  timer.previous_->next_ = timer.next_;
  timer.next_->previous_ = timer.previous_;
  timer.previous_ = timer.next_ = nullptr;
  --count_;
  const std::size_t slot = timer.tick_ % slot_count;
  if (slots_[slot].next_ == &slots_[slot]) occupied_[slot / 64] &= ~(std::uint64_t{1} << slot % 64);
}

void TimerWheel::advance() {
  const std::uint64_t until = now();
  if (count_ == 0) {
    done_ = until;
    return;
  }
  const std::uint64_t first = until - done_ >= slot_count ? until - slot_count + 1 : done_ + 1;
  for (std::uint64_t tick = first; tick <= until; ++tick) {
    // Firing may set and cancel timers of the same slot, so the search starts again after each.
    Timer& head = slots_[tick % slot_count];
    for (Timer* timer = head.next_; timer != &head;) {
      if (timer->tick_ > until) {
        timer = timer->next_;
        continue;
      }
      unlink(*timer);
      timer->fired_(timer->context_);
      timer = head.next_;
    }
  }
  done_ = until;
}

std::chrono::milliseconds TimerWheel::until_next() const {
  if (count_ == 0) return std::chrono::milliseconds{-1};
  const std::uint64_t current = now();
  for (std::uint64_t ahead = 0; ahead < slot_count;) {
    const std::size_t slot = (done_ + 1 + ahead) % slot_count;
    const std::uint64_t word = occupied_[slot / 64] >> slot % 64;
    if (word == 0) {
      ahead += 64 - slot % 64;
      continue;
    }
    const std::uint64_t due = done_ + 1 + ahead + static_cast<std::uint64_t>(std::countr_zero(word));
    if (due <= current) return std::chrono::milliseconds{0};
    return tick * static_cast<std::int64_t>(due - current);
  }
  return tick * slot_count;
}

}  // namespace meerkat
