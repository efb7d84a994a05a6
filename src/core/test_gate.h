// SPDX-License-Identifier: Apache-2.0
// Test support: a moment that the test chooses.
#pragma once

#include <coroutine>
#include <utility>
#include <vector>

namespace meerkat {

// Whoever awaits it waits until the test opens it.
class Gate {
 public:
  bool await_ready() const noexcept { return open_; }
  void await_suspend(std::coroutine_handle<> waiting) { waiting_.push_back(waiting); }
  void await_resume() const noexcept {}
  void open() {
    open_ = true;
    for (const auto waiting : std::exchange(waiting_, {})) waiting.resume();
  }

 private:
  bool open_ = false;
  std::vector<std::coroutine_handle<>> waiting_;
};

}  // namespace meerkat
