// SPDX-License-Identifier: Apache-2.0
#include "modules/event_pusher/event_queue.h"

#include <exception>
#include <utility>

#include "base/log.h"

namespace meerkat {

void EventQueue::add(PushedEvent event) {
  if (waiting_.size() >= limits_.events || bytes_ + event.size() > limits_.bytes) {
    if (dropping_.begins())
      log_warning("pushed_events_dropped", {{"to", name_}, {"waiting", waiting_.size()}, {"bytes", bytes_}});
    return;
  }
  bytes_ += event.size();
  waiting_.push_back(std::move(event));
  if (at_work_ == limits_.at_once) return;
  ++at_work_;
  hall_.scope.spawn(work(shared_from_this()));
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
