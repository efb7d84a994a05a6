// SPDX-License-Identifier: Apache-2.0
// Answer<T>: a value now, or a task that will bring it. What is at hand costs no coroutine frame.
#pragma once

#include <type_traits>
#include <utility>
#include <variant>

#include "runtime/task.h"

namespace meerkat {

template <class T>
class [[nodiscard]] Answer {
 public:
  template <class U>
    requires std::is_constructible_v<T, U&&> && (!std::is_same_v<std::remove_cvref_t<U>, Answer>) &&
             (!std::is_same_v<std::remove_cvref_t<U>, Task<T>>)
  Answer(U&& value) : content_(std::in_place_index<0>, std::forward<U>(value)) {}  // NOLINT: meant to convert
  Answer(Task<T> task) : content_(std::in_place_index<1>, std::move(task)) {}      // NOLINT: meant to convert

  bool at_hand() const noexcept { return content_.index() == 0; }
  T& value() { return std::get<0>(content_); }
  Task<T> take_task() { return std::move(std::get<1>(content_)); }

  bool await_ready() const noexcept { return at_hand(); }
  std::coroutine_handle<> await_suspend(std::coroutine_handle<> waiting) noexcept {
    return std::get<1>(content_).await_suspend(waiting);
  }
  T await_resume() { return at_hand() ? std::move(std::get<0>(content_)) : std::get<1>(content_).await_resume(); }

 private:
  std::variant<T, Task<T>> content_;
};

}  // namespace meerkat
