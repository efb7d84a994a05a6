// SPDX-License-Identifier: Apache-2.0
// The callers' side of a pool: who gets a call, and what is refused.
#include "store/pool/outgoing_pool.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "base/random.h"
#include "runtime/own_thread.h"
#include "store/pool/lodging.h"

namespace meerkat {
namespace {

SteadyTime now() { return std::chrono::steady_clock::now(); }

// How exact the time of a call that nobody has begun with is.
constexpr std::chrono::milliseconds watch_interval{20};

}  // namespace

OutgoingPool::Member::Member(std::size_t place, BackOffLimits limits)
    : place(place), wake_up(std::make_shared<WakeUp>()), back_off(limits) {}

OutgoingPool::OutgoingPool(PoolSettings settings, MakeLink make_link)
    : settings_(std::move(settings)), make_link_(std::move(make_link)), dice_(random_u64() | 1) {
  for (std::size_t i = 0; i < settings_.options.workers; ++i)
    members_.push_back(std::make_unique<Member>(i, settings_.back_off));
  try {
    for (const auto& member : members_) member->thread = std::thread([this, mine = member.get()] { run(*mine); });
    watch_ = std::thread([this] { watch_deadlines(); });
  } catch (...) {
    stop(now());
    throw;  // there are no more threads
  }
}

OutgoingPool::~OutgoingPool() { stop(now() + settings_.options.call_timeout); }

void OutgoingPool::submit(Call& call) {
  call.came_ = now();
  call.until_ = call.came_ + settings_.options.call_timeout;
  // One that is turned by hand may stop turning at any time.
  call.caller_ = is_own_thread_of_worker() ? Worker::current() : nullptr;
  events_.count(PoolEvent::called);
  if (measured_) measured_->begins();
  Refusals refusals;
  {
    const std::lock_guard lock{mutex_};
    submit_locked(call, refusals, false);
  }
  tell(refusals);
}

void OutgoingPool::submit_locked(Call& call, Refusals& refusals, bool in_front) {
  using enum PoolStrategy;
  if (stopping_) return refusals.add(call, Unavailable::Why::stopped, "the server is stopping");
  if (!anybody_may_serve()) return refusals.add(call, Unavailable::Why::down, why_down());
  if (settings_.options.strategy == available_worker) {
    in_front ? common_.push_front(call) : common_.push(call);
    wake_watch();
    if (Member* const member = next_that([](const Member& one) { return one.asleep && one.may_serve(); }))
      wake(*member);
    return;
  }
  Member* const member = choose();
  if (member == nullptr) return refusals.add(call, Unavailable::Why::full, "no worker is free");
  enqueue(*member, call, refusals, in_front);
}

// Null when nobody can take a call now.
OutgoingPool::Member* OutgoingPool::choose() {
  switch (settings_.options.strategy) {
    case PoolStrategy::random_worker: {
      dice_ ^= dice_ << 13;
      dice_ ^= dice_ >> 7;
      dice_ ^= dice_ << 17;
      turn_ = static_cast<std::size_t>(dice_ % members_.size());
      return next_that([](const Member& member) { return member.may_serve(); });
    }
    case PoolStrategy::next_worker:
      return next_that([](const Member& member) { return member.may_serve(); });
    case PoolStrategy::next_available_worker:
      return next_that([](const Member& member) { return member.is_free(); });
    default:
      return with_least_work();
  }
}

// Of several the one whose link lodges at the caller, so that the call stays on its thread.
OutgoingPool::Member* OutgoingPool::with_least_work() {
  Member* best = nullptr;
  const Worker* const here = Worker::current();
  const auto distance = [here](const Member& one) { return !one.lodging ? 1 : &one.lodging->home() == here ? 0 : 2; };
  for (const auto& member : members_) {
    if (!member->may_serve()) continue;
    const auto rank = [&](const Member& one) {
      return std::tuple{one.status != PoolWorkerStatus::up, one.load(), distance(one)};
    };
    if (best == nullptr || rank(*member) < rank(*best)) best = member.get();
  }
  return best;
}

template <class Suits>
OutgoingPool::Member* OutgoingPool::next_that(Suits suits) {
  for (std::size_t i = 0; i < members_.size(); ++i) {
    Member& member = *members_[turn_++ % members_.size()];
    if (suits(member)) return &member;
  }
  return nullptr;
}

bool OutgoingPool::anybody_may_serve() const {
  return std::ranges::any_of(members_, [](const auto& member) { return member->may_serve(); });
}

void OutgoingPool::enqueue(Member& member, Call& call, Refusals& refusals, bool in_front) {
  if (const auto most = settings_.options.max_worker_queue_len; most && !in_front && member.queue.size() >= *most) {
    const std::string words = "the queue of the worker is full";
    if (!settings_.drops_oldest || member.queue.empty()) return refusals.add(call, Unavailable::Why::full, words);
    events_.count(PoolEvent::dropped);
    refusals.add(*member.queue.pop(), Unavailable::Why::full, words);
  }
  in_front ? member.queue.push_front(call) : member.queue.push(call);
  wake_watch();
  wake(member);
}

// Whoever calls from a worker asks for more in the same turn, often; all of it is served together. Nobody blocks a
// worker until a call is answered, so the turn ends.
void OutgoingPool::wake(Member& member) {
  if (member.lodging) return member.lodging->poke();
  if (!std::exchange(member.asleep, false)) return;
  if (Worker* const here = Worker::current(); here != nullptr && !stopping_)
    here->ring_at_turn_end(member.wake_up);
  else
    member.wake_up->ring();
}

// It looks around for a while then, so that not every call costs it a wake-up.
void OutgoingPool::wake_watch() {
  if (std::exchange(watch_rests_, false)) queued_.notify_one();
}

void OutgoingPool::tell(Refusals& refusals) noexcept {
  for (const Refusals::One& one : refusals.all)
    finish(*one.call, std::make_exception_ptr(Unavailable{one.words, one.why}));
}

void OutgoingPool::finish(Call& call, std::exception_ptr failure) noexcept {
  const auto time = now() - call.came_;
  latency_.took(time);
  if (measured_) measured_->took(time);
  if (slow_ != nullptr && slow_->is_worth(time)) [[unlikely]]
    slow_->note({.took = time, .what = "pool", .detail = settings_.name, .host_type = {}});
  events_.count(event_of(failure));
  call.finished(std::move(failure));
}

// What a call's end counts as.
PoolEvent OutgoingPool::event_of(const std::exception_ptr& failure) noexcept {
  if (!failure) return PoolEvent::answered;
  try {
    std::rethrow_exception(failure);
  } catch (const Unavailable& known) {
    switch (known.why()) {
      case Unavailable::Why::timed_out:
        return PoolEvent::timed_out;
      case Unavailable::Why::failed:
        return PoolEvent::failed;
      default:
        return PoolEvent::refused;
    }
  } catch (...) {
    return PoolEvent::answered;  // the service answered that the caller is mistaken
  }
}

// The one whose turn to try again comes first speaks for all.
std::string OutgoingPool::why_down() const {
  std::string words = "no connection";
  const auto first = std::ranges::min_element(members_, {}, [](const auto& member) { return member->next_try; });
  if (first != members_.end() && !(*first)->last_error.empty()) words += ": " + (*first)->last_error;
  return words;
}

bool OutgoingPool::wait_until_connected(SteadyTime until) {
  Lock lock{mutex_};
  return changed_.wait_until(lock, until, [this] {
    return std::ranges::any_of(members_, [](const auto& member) { return member->status == PoolWorkerStatus::up; });
  });
}

void OutgoingPool::try_connection(SteadyTime until) const {
  const std::unique_ptr<Link> link = make_link_();
  link->connect(until);
  link->keep_alive(until);
  link->close();
}

bool OutgoingPool::available() const {
  const std::lock_guard lock{mutex_};
  return std::ranges::any_of(members_, [](const auto& member) { return member->status == PoolWorkerStatus::up; });
}

std::vector<PoolWorkerState> OutgoingPool::workers() const {
  std::vector<PoolWorkerState> states;
  const std::lock_guard lock{mutex_};
  for (const auto& member : members_) {
    PoolWorkerState state{member->status, member->queue.size(), member->under_way.load(), member->last_error, {}};
    if (state.status == PoolWorkerStatus::down)
      state.next_try = std::max(std::chrono::milliseconds{0},
                                std::chrono::duration_cast<std::chrono::milliseconds>(member->next_try - now()));
    states.push_back(std::move(state));
  }
  return states;
}

std::size_t OutgoingPool::queued() const {
  const std::lock_guard lock{mutex_};
  std::size_t all = common_.size();
  for (const auto& member : members_) all += member->queue.size();
  return all;
}

void OutgoingPool::stop(SteadyTime until) {
  Refusals left;
  {
    Lock lock{mutex_};
    stopping_ = true;
    recall_lodgings_of(Worker::current(), lock);
    // All threads look around, also one whose ring waits for the end of this turn.
    for (const auto& member : members_) {
      if (member->lodging) member->lodging->poke();
      member->wake_up->ring();
    }
    changed_.wait_until(lock, until, [this] {
      return common_.empty() && std::ranges::all_of(members_, [](const auto& member) { return member->load() == 0; });
    });
    const auto refuse = [&left](CallQueue& queue) {
      while (Call* const call = queue.pop()) left.add(*call, Unavailable::Why::stopped, "the server is stopping");
    };
    refuse(common_);
    for (const auto& member : members_) refuse(member->queue);
  }
  tell(left);
  queued_.notify_all();
  for (const auto& member : members_)
    if (member->thread.joinable()) member->thread.join();
  if (watch_.joinable()) watch_.join();
}

// A worker that stops a pool itself does not come to serve anything meanwhile.
void OutgoingPool::recall_lodgings_of(const Worker* here, Lock& lock) {
  if (here == nullptr) return;
  for (const auto& member : members_) {
    const std::shared_ptr<Lodging> lodging = member->lodging;
    if (!lodging || &lodging->home() != here) continue;
    if (lodging->withdraw()) {
      member->lodging.reset();
      continue;  // it has not come for the link yet
    }
    lock.unlock();
    lodging->give_back({});
    lock.lock();
  }
}

void OutgoingPool::watch_deadlines() {
  Lock lock{mutex_};
  const auto somebody_waits = [this] {
    return !common_.empty() || std::ranges::any_of(members_, [](const auto& member) { return !member->queue.empty(); });
  };
  while (!stopping_) {
    watch_rests_ = !somebody_waits();
    queued_.wait(lock, [this] { return stopping_ || !watch_rests_; });
    queued_.wait_for(lock, watch_interval, [this] { return stopping_; });
    Refusals refusals;
    expire(common_, refusals, now());
    for (const auto& member : members_) expire(member->queue, refusals, now());
    lock.unlock();
    tell(refusals);
    lock.lock();
  }
}

void OutgoingPool::expire(CallQueue& queue, Refusals& refusals, SteadyTime now) {
  while (!queue.empty() && queue.first()->until_ <= now)
    refusals.add(*queue.pop(), Unavailable::Why::timed_out, "no answer in time");
}

}  // namespace meerkat
