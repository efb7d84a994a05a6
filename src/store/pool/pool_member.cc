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
#include "store/pool/lodging.h"

namespace meerkat {
namespace {

SteadyTime now() { return std::chrono::steady_clock::now(); }

int milliseconds_until(SteadyTime time) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(time - now());
  return static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, 3'600'000));
}

}  // namespace

void OutgoingPool::run(Member& member) {
  ::pthread_setname_np(::pthread_self(), settings_.name.substr(0, 15).c_str());
  Lock lock{mutex_};
  while (!stopping_ || has_work(member)) {
    if (member.lodging) {
      wait_for_link(member, lock);
      continue;
    }
    if (member.status != PoolWorkerStatus::up) {
      if (now() >= member.next_try)
        connect(member, lock);
      else
        wait(member, lock);
      continue;
    }
    if (Worker* const home = who_may_serve(member)) {
      lodge(member, *home);
      continue;
    }
    Refusals refusals;
    Call* const call = next_call(member, refusals, now());
    if (!refusals.all.empty()) {
      lock.unlock();
      tell(refusals);
      lock.lock();
      if (call == nullptr) continue;  // more may have come meanwhile, and rung for nobody, since nobody slept
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

// Only who is connected, or is about to be, has work to finish before a stop; and no link is left behind.
bool OutgoingPool::has_work(const Member& member) const {
  return member.lodging != nullptr || (member.may_serve() && (!member.queue.empty() || !common_.empty()));
}

// The oldest call that still has time.
Call* OutgoingPool::next_call(Member& member, Refusals& refusals, SteadyTime now) {
  CallQueue& queue = member.queue.empty() ? common_ : member.queue;
  if (!queue.empty()) expire(queue, refusals, now);
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

// The connection works, and nobody is left who would hear the answers that are under way.
void OutgoingPool::abandon(Member& member, Lock& lock) {
  member.last_error = "nobody waits for its answers any more";
  member.status = PoolWorkerStatus::connecting;
  member.next_try = now();
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
  member.last_used = now();
  settle(member, supply.leave(), lock);
}

// The link has served. The connection broke under what is left.
void OutgoingPool::settle(Member& member, CallQueue left, Lock& lock) {
  if (left.empty()) {
    if (stopping_) changed_.notify_all();
    return;
  }
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

// The worker whose coroutine asks can serve the link as well, if it has no more than its share of all. Null when the
// member's thread has to.
Worker* OutgoingPool::who_may_serve(Member& member) const {
  if (stopping_ || member.queue.empty() || member.link->flow() == nullptr) return nullptr;
  Worker* const caller = member.queue.first()->caller_;
  if (caller == nullptr) return nullptr;
  const auto lodgers = static_cast<std::size_t>(std::ranges::count_if(
      members_, [&](const auto& one) { return one->lodging && &one->lodging->home() == caller; }));
  return lodgers * caller->peers() < members_.size() ? caller : nullptr;
}

void OutgoingPool::lodge(Member& member, Worker& home) {
  member.lodging = std::make_shared<Lodging>(*this, member, *member.link->flow(), home);
  member.lodging->poke();
}

// Until it comes back: to be connected anew, for a sign of life, or for good.
void OutgoingPool::wait_for_link(Member& member, Lock& lock) {
  SteadyTime asked = member.last_used;
  while (member.lodging) {
    // Who ends before it has opened its mail never will.
    if (stopping_) {
      if (member.lodging->withdraw()) {
        member.lodging.reset();
        return;
      }
      member.lodging->recall();
    }
    int patience = -1;
    if (settings_.keepalive_interval && !stopping_) {
      const SteadyTime due = std::max(asked, member.last_used) + *settings_.keepalive_interval;
      if (now() >= due) {
        asked = now();
        member.lodging->recall();
        continue;
      }
      patience = milliseconds_until(due);
    }
    lock.unlock();
    ::pollfd watched{member.wake_up->descriptor(), POLLIN, 0};
    if (::poll(&watched, 1, patience) > 0) member.wake_up->hush();
    lock.lock();
  }
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
