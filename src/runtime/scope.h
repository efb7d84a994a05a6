// SPDX-License-Identifier: Apache-2.0
// A Scope owns what it spawns: work that goes on while its owner does other things, and that is waited for at the end.
#pragma once

#include <coroutine>
#include <cstddef>

#include "runtime/task.h"

namespace meerkat {

// Lives on one worker, as does everything spawned in it when it ends. Its owner stays alive until `idle()`.
// A task that fails is fenced here: logged with the name of the scope, never lost silently.
class Scope {
 public:
  // `name` is a literal.
  explicit Scope(const char* name) : name_(name) {}
  Scope(const Scope&) = delete;
  Scope& operator=(const Scope&) = delete;
  ~Scope();

  // Starts `work` at once, up to its first wait. The task must end on the worker where the scope lives.
  void spawn(Task<> work);

  bool idle() const { return running_ == 0; }
  std::size_t running() const { return running_; }

  // Called once, on the worker of the scope, when the last task ends; replaces an earlier wish.
  using Then = void (*)(void* context);
  void when_idle(Then then, void* context);

  // Frees what still waits, which nothing may resume any more: its worker has stopped, and so have the databases and
  // pools it waits for. What `when_idle` was told is not called.
  void abandon() noexcept;

 private:
  struct Runner;
  struct Frame;  // of one task
  Runner run(Task<> work);
  void one_ended();

  const char* name_;
  std::size_t running_ = 0;
  Frame* first_ = nullptr;
  Then then_ = nullptr;
  void* context_ = nullptr;
};

}  // namespace meerkat
