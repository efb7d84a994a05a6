// SPDX-License-Identifier: Apache-2.0
#include "runtime/scope.h"

#include <exception>
#include <utility>

#include "base/check.h"
#include "base/log.h"

namespace meerkat {

// In the list of its scope, until its coroutine ends.
struct Scope::Frame {
  explicit Frame(Scope& scope) : link(&scope.first_), next(scope.first_) {
    if (next != nullptr) next->link = &next;
    scope.first_ = this;
  }
  Frame(const Frame&) = delete;
  Frame& operator=(const Frame&) = delete;
  void leave_list() const noexcept {
    *link = next;
    if (next != nullptr) next->link = link;
  }

  Frame** link;  // what refers to this one
  Frame* next;
};

// A coroutine that owns itself: it runs at once and frees its frame when it ends.
struct Scope::Runner {
  struct promise_type : Frame {
    promise_type(Scope& its_scope, const Task<>&) : Frame(its_scope), scope(its_scope) {}
    promise_type(const promise_type&) = delete;
    promise_type& operator=(const promise_type&) = delete;
    // The last that happens: the owner of the scope may go with it.
    ~promise_type() {
      leave_list();
      if (has_ended) scope.one_ended();
    }
    Runner get_return_object() const noexcept { return {}; }
    std::suspend_never initial_suspend() const noexcept { return {}; }
    std::suspend_never final_suspend() const noexcept { return {}; }
    void return_void() noexcept { has_ended = true; }
    void unhandled_exception() const noexcept { std::terminate(); }

    Scope& scope;
    bool has_ended = false;
  };
};

Scope::~Scope() {
  if (running_ != 0) log_error("scope_left_with_work", {{"scope", name_}, {"tasks", running_}});
}

void Scope::spawn(Task<> work) {
  ++running_;
  run(std::move(work));
}

Scope::Runner Scope::run(Task<> work) {
  try {
    co_await work;
  } catch (const std::exception& failure) {
    log_error("task_failed", {{"scope", name_}, {"error", failure.what()}});
  } catch (...) {
    log_error("task_failed", {{"scope", name_}, {"error", "unknown exception"}});
  }
  // The frame of `work` must be gone before the owner may go.
  const Task<> done = std::move(work);
}

void Scope::one_ended() {
  check(running_ > 0, "a scope counts its tasks");
  if (--running_ != 0 || then_ == nullptr) return;
  const Then then = std::exchange(then_, nullptr);
  then(context_);
}

void Scope::abandon() noexcept {
  then_ = nullptr;
  while (first_ != nullptr) {
    auto& promise = static_cast<Runner::promise_type&>(*first_);
    std::coroutine_handle<Runner::promise_type>::from_promise(promise).destroy();
    --running_;
  }
}

void Scope::when_idle(Then then, void* context) {
  if (idle()) return then(context);
  then_ = then;
  context_ = context;
}

}  // namespace meerkat
