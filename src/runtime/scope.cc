// SPDX-License-Identifier: Apache-2.0
#include "runtime/scope.h"

#include <exception>
#include <utility>

#include "base/check.h"
#include "base/log.h"

namespace meerkat {

// A coroutine that owns itself: it runs at once and frees its frame when it ends.
struct Scope::Runner {
  struct promise_type {
    Runner get_return_object() const noexcept { return {}; }
    std::suspend_never initial_suspend() const noexcept { return {}; }
    std::suspend_never final_suspend() const noexcept { return {}; }
    void return_void() const noexcept {}
    void unhandled_exception() const noexcept { std::terminate(); }
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
  {
    const Task<> done = std::move(work);
  }
  one_ended();
}

void Scope::one_ended() {
  check(running_ > 0, "a scope counts its tasks");
  if (--running_ != 0 || then_ == nullptr) return;
  const Then then = std::exchange(then_, nullptr);
  then(context_);
}

void Scope::when_idle(Then then, void* context) {
  if (idle()) return then(context);
  then_ = then;
  context_ = context;
}

}  // namespace meerkat
