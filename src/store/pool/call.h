// SPDX-License-Identifier: Apache-2.0
// One call to an outside service, from its caller to a worker of the pool and back. It lives in the frame of the
// coroutine that awaits it, so nothing is allocated for its way.
#pragma once

#include <coroutine>
#include <exception>
#include <utility>

#include "base/check.h"
#include "base/clock.h"
#include "runtime/worker.h"
#include "store/pool/unavailable.h"

namespace meerkat {

class OutgoingPool;

class Call {
 public:
  // Once, on any thread; the call may be gone when it returns. Without a failure it was answered.
  virtual void finished(std::exception_ptr failure) noexcept = 0;

  // It only reads: when the connection breaks under it, it may be asked once more on another one.
  bool may_repeat = false;

  // For whoever holds the call: the queue it stands in.
  Call* next = nullptr;

 protected:
  ~Call() = default;

 private:
  friend class OutgoingPool;
  SteadyTime came_;
  SteadyTime until_;
  Worker* caller_ = nullptr;  // whose loop may serve it
  bool was_repeated_ = false;
};

// Calls in the order in which they came. Owns nothing; guarded by its owner.
class CallQueue {
 public:
  bool empty() const { return first_ == nullptr; }
  Call* first() const { return first_; }
  std::size_t size() const { return size_; }

  void push(Call& call) {
    call.next = nullptr;
    (last_ != nullptr ? last_->next : first_) = &call;
    last_ = &call;
    ++size_;
  }
  void push_front(Call& call) {
    call.next = first_;
    first_ = &call;
    if (last_ == nullptr) last_ = &call;
    ++size_;
  }
  // One that stands in it; at once if it is the first.
  void remove(Call& call) {
    Call* before = nullptr;
    for (Call* one = first_; one != &call; one = one->next) before = one;
    (before != nullptr ? before->next : first_) = call.next;
    if (last_ == &call) last_ = before;
    --size_;
  }
  Call* pop() {
    if (first_ == nullptr) return nullptr;
    Call* const call = std::exchange(first_, first_->next);
    if (first_ == nullptr) last_ = nullptr;
    --size_;
    return call;
  }

 private:
  Call* first_ = nullptr;
  Call* last_ = nullptr;
  std::size_t size_ = 0;
};

// Who waits, and on which worker. It is its own mail, so nothing is allocated for the way back either.
class Resumer : private Mail {
 public:
  void remember(std::coroutine_handle<> waiting) {
    waiting_ = waiting;
    home_ = Worker::current();
    check(home_ != nullptr, "an outside service is awaited on a worker");
  }
  // Any thread; the owner may be gone when it returns.
  void resume(std::exception_ptr failure) noexcept {
    failure_ = std::move(failure);
    open = [](Mail* self, Worker&) noexcept { static_cast<Resumer*>(self)->waiting_.resume(); };
    home_->post(*this);
  }
  void rethrow() const {
    if (failure_) std::rethrow_exception(failure_);
  }

 private:
  std::coroutine_handle<> waiting_;
  Worker* home_ = nullptr;
  std::exception_ptr failure_;
};

// A call that a coroutine awaits.
class AwaitedCall : public Call {
 public:
  void finished(std::exception_ptr failure) noexcept final { resumer.resume(std::move(failure)); }
  Resumer resumer;
};

}  // namespace meerkat
