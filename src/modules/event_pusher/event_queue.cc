// SPDX-License-Identifier: Apache-2.0
#include "modules/event_pusher/event_queue.h"

#include <exception>
#include <utility>

#include "base/log.h"

namespace meerkat {

EventQueueLimits event_queue_limits(const OutgoingPool& pool, std::size_t by_default, std::size_t at_once) {
  EventQueueLimits limits{.at_once = at_once};
  const auto most = pool.settings().options.max_worker_queue_len;
  limits.events = most ? *most : by_default;
  return limits;
}

void EventQueue::add(PushedEvent event) {
  while (!has_room_for(event)) {
    drops_one();
    if (waiting_.empty()) return;  // it has no room in the whole queue
    bytes_ -= waiting_.front().size();
    waiting_.pop_front();
  }
  bytes_ += event.size();
  waiting_.push_back(std::move(event));
  if (at_work_ == limits_.at_once) return;
  ++at_work_;
  hall_.scope.spawn(work(shared_from_this()));
}

void EventQueue::drops_one() {
  if (pool_ != nullptr) pool_->count_dropped();
  if (dropping_.begins())
    log_warning("pushed_events_dropped", {{"to", name_}, {"waiting", waiting_.size()}, {"bytes", bytes_}});
}

Task<> EventQueue::work(std::shared_ptr<EventQueue> self) {
  while (!self->waiting_.empty()) {
    const PushedEvent event = std::move(self->waiting_.front());
    self->waiting_.pop_front();
    self->bytes_ -= event.size();
    co_await self->push_fenced(event);
  }
  --self->at_work_;
  if (const auto dropped = self->dropping_.ends())
    log_notice("pushed_events_dropped", {{"to", self->name_}, {"dropped", *dropped}, {"waiting", 0}});
}

Task<> EventQueue::push_fenced(const PushedEvent& event) {
  try {
    co_await push(event);
    if (const auto failed = failing_.ends()) log_notice("events_pushed_again", {{"to", name_}, {"failed", *failed}});
  } catch (const std::exception& failure) {
    if (failing_.begins()) log_error("event_push_failed", {{"to", name_}, {"error", failure.what()}});
  }
}

}  // namespace meerkat
