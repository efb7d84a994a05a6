// SPDX-License-Identifier: Apache-2.0
#include "core/iq_queue.h"

#include <algorithm>

#include "base/keyed_hash.h"

namespace meerkat {

IqQueue::IqQueue(const IqProcessing& how, std::size_t worker_count) : how_(how) {
  if (how.type != IqProcessing::Type::queues) return;
  const std::uint64_t wanted = how.workers.value_or(1);
  lanes_ = std::max<std::uint64_t>(1, (wanted + worker_count - 1) / worker_count);
}

// A line for each sender, or one of the lines for all. Two senders with the same hash only wait for each other.
IqQueue::Lane IqQueue::lane_of(std::uint64_t sender) const {
  return how_.type == IqProcessing::Type::no_queue ? sender : sender % lanes_;
}

bool IqQueue::has_room(Lane lane, std::uint64_t sender) const {
  const auto line = lines_.find(lane);
  if (line == lines_.end()) return true;
  const auto& waiting = line->second.waiting;
  if (waiting.size() >= most_in_line) return false;
  return std::cmp_less(std::ranges::count(waiting, sender, &Waiting::sender), most_of_one_sender);
}

// The next in line takes its turn, and the one behind it if that was answered at once: in a loop, not by recursion.
void IqQueue::end(Lane lane) noexcept {
  const auto found = lines_.find(lane);
  Line& line = found->second;
  line.taken = false;
  if (line.going_on) return;
  line.going_on = true;
  while (!line.taken && !line.waiting.empty()) {
    const std::coroutine_handle<> next = line.waiting.front().request;
    line.waiting.pop_front();
    line.taken = true;
    next.resume();
  }
  line.going_on = false;
  if (!line.taken) lines_.erase(lane);
}

IqTurn::IqTurn(std::shared_ptr<IqQueue> queue, const Jid& sender) : queue_(std::move(queue)) {
  if (queue_ == nullptr) return;
  sender_ = keyed_hash(sender.text());
  lane_ = queue_->lane_of(sender_);
}

IqTurn::~IqTurn() {
  if (taken_) queue_->end(lane_);
}

void IqTurn::await_suspend(std::coroutine_handle<> request) {
  queue_->lines_.find(lane_)->second.waiting.push_back({request, sender_});
  // Whoever lets it go on has taken the line for it.
  taken_ = true;
}

void IqTurn::take() {
  if (queue_ == nullptr || taken_) return;
  queue_->lines_.try_emplace(lane_);
  taken_ = true;
}

}  // namespace meerkat
