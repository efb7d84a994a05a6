// SPDX-License-Identifier: Apache-2.0
// The workers' side of a pool: each on a thread of its own connects, serves, and connects again.
#include "store/pool/pool_member.h"

#include <poll.h>
#include <pthread.h>

#include <algorithm>
#include <ranges>
#include <utility>

#include "base/log.h"
#include "base/random.h"

namespace meerkat {
namespace {

SteadyTime now() { return std::chrono::steady_clock::now(); }

int milliseconds_until(SteadyTime time) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(time - now());
  return static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, 3'600'000));
}

}  // namespace

// What a link takes from while it serves.
class OutgoingPool::Supply final : public CallSupply {
 public:
  Supply(OutgoingPool& pool, Member& member) : pool_(pool), member_(member) {}

  // From here on the call is the link's.
  void begins(Call& call) {
    taken_.push(call);
    tell_load();
  }
  Call* take() override {
    if (ready_.empty() && may_have_more()) fetch();
    Call* const call = ready_.pop();
    if (call != nullptr) taken_.push(*call);
    return call;
  }
  int wake_up() override {
    if (!may_have_more()) return -1;
    const std::lock_guard lock{pool_.mutex_};
    is_listening_ = member_.asleep = true;
    if (!member_.queue.empty()) pool_.wake(member_);
    return member_.wake_up->descriptor();
  }
  void finish(Call& call, std::exception_ptr failure) noexcept override {
    taken_.remove(call);
    tell_load();
    pool_.finish(call, std::move(failure));
  }
  SteadyTime deadline(const Call& call) const override { return call.until_; }
  void count_traffic(std::size_t sent, std::size_t received) noexcept override {
    pool_.events_.count(PoolEvent::bytes_sent, sent);
    pool_.events_.count(PoolEvent::bytes_received, received);
  }

  // With the lock. What the link has not even taken waits again; those that were taken and not finished are nobody's
  // from here on.
  CallQueue leave() {
    std::vector<Call*> untouched;
    while (Call* const call = ready_.pop()) untouched.push_back(call);
    for (Call* const call : untouched | std::views::reverse) member_.queue.push_front(*call);
    if (!untouched.empty()) pool_.wake_watch();
    member_.asleep = false;
    member_.under_way.store(0, std::memory_order_relaxed);
    return std::exchange(taken_, {});
  }

 private:
  // All that it may have under way, with the lock taken once. They came later than those that the link waits for, so
  // they have more time left.
  void fetch() {
    Refusals refusals;
    {
      const std::lock_guard lock{pool_.mutex_};
      if (std::exchange(is_listening_, false)) stop_listening();
      while (load() < pool_.settings_.depth) {
        Call* const call = pool_.next_call(member_, refusals);
        if (call == nullptr) break;
        ready_.push(*call);
      }
      tell_load();
    }
    pool_.tell(refusals);
  }
  // A ring may still come, of a worker whose turn has not ended; so there is quiet only after one more look.
  void stop_listening() {
    member_.asleep = false;
    member_.wake_up->hush();
  }
  // Who waits for a free worker is not queued behind a busy one.
  bool may_have_more() const {
    return load() < pool_.settings_.depth && pool_.settings_.options.strategy != PoolStrategy::available_worker;
  }
  std::size_t load() const { return taken_.size() + ready_.size(); }
  void tell_load() { member_.under_way.store(load(), std::memory_order_relaxed); }

  OutgoingPool& pool_;
  Member& member_;
  CallQueue taken_;  // by the link, in this order
  CallQueue ready_;  // for it
  bool is_listening_ = false;
};

void OutgoingPool::run(Member& member) {
  ::pthread_setname_np(::pthread_self(), settings_.name.substr(0, 15).c_str());
  Lock lock{mutex_};
  while (!stopping_ || has_work(member)) {
    if (member.status != PoolWorkerStatus::up) {
      if (now() >= member.next_try)
        connect(member, lock);
      else
        wait(member, lock);
      continue;
    }
    Refusals refusals;
    Call* const call = next_call(member, refusals);
    if (!refusals.all.empty()) {
      lock.unlock();
      tell(refusals);
      lock.lock();
    }
    if (call != nullptr)
      serve(member, *call, lock);
    else if (!stopping_)
      wait(member, lock);
  }
  member.status = PoolWorkerStatus::stopped;
  changed_.notify_all();
  lock.unlock();
  if (member.link) member.link->close();
  member.link.reset();
}

// Only who is connected, or is about to be, has work to finish before a stop.
bool OutgoingPool::has_work(const Member& member) const {
  return member.may_serve() && (!member.queue.empty() || !common_.empty());
}

// The oldest call that still has time.
Call* OutgoingPool::next_call(Member& member, Refusals& refusals) {
  CallQueue& queue = member.queue.empty() ? common_ : member.queue;
  if (!queue.empty()) expire(queue, refusals, now());
  return queue.pop();
}

// Does it without the lock; what it throws ends the connection.
template <class Attempt>
void OutgoingPool::attempt(Member& member, Lock& lock, Attempt attempt) {
  std::exception_ptr failure;
  lock.unlock();
  try {
    attempt();
  } catch (...) {
    failure = std::current_exception();  // told to the operator, and to those who wait
  }
  lock.lock();
  if (failure) broke(member, lock, failure);
}

void OutgoingPool::connect(Member& member, Lock& lock) {
  // A worker that is down stays so until this has worked: nobody waits for one more attempt.
  std::exception_ptr failure;
  lock.unlock();
  try {
    if (!member.link) member.link = make_link_();
    member.link->connect(now() + settings_.connect_timeout);
  } catch (...) {
    failure = std::current_exception();  // told to the operator, and to those who wait
    if (member.link) member.link->close();
  }
  lock.lock();
  if (failure) {
    events_.count(PoolEvent::connect_failed);
    Refusals refusals;
    went_down(member, refusals, words_of(failure));
    lock.unlock();
    tell(refusals);
    lock.lock();
    return;
  }
  events_.count(PoolEvent::connected);
  member.status = PoolWorkerStatus::up;
  member.last_used = now();
  member.back_off.worked();
  if (const auto failures = member.trouble.ends())
    log_notice("pool_worker_up", {{"pool", settings_.name}, {"worker", member.place}, {"failures", *failures}});
  else
    log_info("pool_worker_up", {{"pool", settings_.name}, {"worker", member.place}});
  changed_.notify_all();
}

// The connection is of no more use. The first attempt to get another is made at once.
void OutgoingPool::broke(Member& member, Lock& lock, const std::exception_ptr& failure) {
  const std::string words = words_of(failure);
  events_.count(PoolEvent::disconnected);
  member.last_error = words;
  member.status = PoolWorkerStatus::connecting;
  member.next_try = now();
  if (member.trouble.begins())
    log_error("pool_worker_down",
              {{"pool", settings_.name}, {"worker", member.place}, {"error", words}, {"next_try_in_ms", 0}});
  lock.unlock();
  member.link->close();
  lock.lock();
}

// It could not connect. What waits for it goes to others; without others nobody is left waiting.
void OutgoingPool::went_down(Member& member, Refusals& refusals, const std::string& error) {
  const std::chrono::milliseconds delay = member.back_off.failed(random_u64());
  member.status = PoolWorkerStatus::down;
  member.last_error = error;
  member.next_try = now() + delay;
  if (member.trouble.begins())
    log_error(
        "pool_worker_down",
        {{"pool", settings_.name}, {"worker", member.place}, {"error", error}, {"next_try_in_ms", delay.count()}});
  CallQueue orphans = std::exchange(member.queue, {});
  if (!anybody_may_serve())
    while (Call* const call = common_.pop()) orphans.push(*call);
  // They are older than what waits elsewhere, and so stand before it: the oldest is always the first.
  std::vector<Call*> waiting;
  while (Call* const call = orphans.pop()) waiting.push_back(call);
  for (Call* const call : waiting | std::views::reverse) submit_locked(*call, refusals, true);
  changed_.notify_all();
}

void OutgoingPool::serve(Member& member, Call& first, Lock& lock) {
  Supply supply{*this, member};
  supply.begins(first);
  attempt(member, lock, [&] { member.link->serve(first, supply); });
  CallQueue left = supply.leave();
  member.last_used = now();
  if (left.empty()) {
    if (stopping_) changed_.notify_all();
    return;
  }
  // The connection broke under these.
  Refusals refusals;
  std::vector<Call*> calls;
  while (Call* const call = left.pop()) calls.push_back(call);
  for (Call* const call : calls | std::views::reverse) {  // the oldest is to be the first again
    const bool in_time = now() < call->until_;
    if (in_time && call->may_repeat && !std::exchange(call->was_repeated_, true)) {
      events_.count(PoolEvent::repeated);
      submit_locked(*call, refusals, true);
    } else {
      refusals.add(*call, in_time ? Unavailable::Why::failed : Unavailable::Why::timed_out, member.last_error);
    }
  }
  lock.unlock();
  tell(refusals);
  lock.lock();
  if (stopping_) changed_.notify_all();
}

// Until there is something to do: a call, the end of the connection, a sign of life that is due, the next attempt.
void OutgoingPool::wait(Member& member, Lock& lock) {
  const bool is_up = member.status == PoolWorkerStatus::up;
  int patience = -1;
  SteadyTime keepalive_due{};
  if (!is_up) {
    patience = milliseconds_until(member.next_try);
  } else if (settings_.keepalive_interval) {
    keepalive_due = member.last_used + *settings_.keepalive_interval;
    patience = milliseconds_until(keepalive_due);
  }
  member.asleep = true;
  lock.unlock();
  std::array<::pollfd, 2> watched{
      {{member.wake_up->descriptor(), POLLIN, 0}, {is_up ? member.link->descriptor() : -1, POLLIN, 0}}};
  ::poll(watched.data(), watched.size(), patience);
  if (watched[0].revents != 0) member.wake_up->hush();
  lock.lock();
  member.asleep = false;
  if (!is_up) return;
  if (watched[1].revents != 0) return attempt(member, lock, [&] { member.link->hears(); });
  if (settings_.keepalive_interval && now() >= keepalive_due) {
    attempt(member, lock, [&] { member.link->keep_alive(now() + settings_.connect_timeout); });
    member.last_used = now();
  }
}

}  // namespace meerkat
