// SPDX-License-Identifier: Apache-2.0
// For tests and benches of what stands on a database: real workers, awaiting from outside.
#pragma once

#include <exception>
#include <future>
#include <memory>
#include <type_traits>
#include <utility>
#include <vector>

#include "runtime/scope.h"
#include "runtime/workers.h"
#include "store/sql/sqlite.h"

namespace meerkat::sql {

class TestHouse {
 public:
  explicit TestHouse(std::size_t count = 2) : workers_(count, clock_) {
    for (std::size_t i = 0; i < count; ++i) scopes_.push_back(std::make_unique<Scope>("test"));
    workers_.start();
  }
  ~TestHouse() { workers_.stop(); }

  // Starts the task on a worker; the future brings what it brings or throws.
  template <class T>
  std::future<T> start(Task<T> task, std::size_t worker = 0) {
    auto order = std::make_shared<Order<T>>(std::move(task));
    std::future<T> future = order->promise.get_future();
    workers_[worker].call([this, worker, order] { scopes_[worker]->spawn(carry(std::move(order->task), order)); });
    return future;
  }

  // Waits until all that was started on the worker has begun.
  void has_begun(std::size_t worker = 0) {
    std::promise<void> begun;
    workers_[worker].call([&begun] { begun.set_value(); });
    begun.get_future().wait();
  }

  // Starts it, and waits for it.
  template <class T>
  T ask(Task<T> task, std::size_t worker = 0) {
    return start(std::move(task), worker).get();
  }

 private:
  template <class T>
  struct Order {
    explicit Order(Task<T> work) : task(std::move(work)) {}
    Task<T> task;
    std::promise<T> promise;
  };

  template <class T>
  static Task<> carry(Task<T> task, std::shared_ptr<Order<T>> order) {
    try {
      if constexpr (std::is_void_v<T>) {
        co_await task;
        order->promise.set_value();
      } else {
        order->promise.set_value(co_await task);
      }
    } catch (...) {
      order->promise.set_exception(std::current_exception());  // thrown where the test waits
    }
  }

  SystemClock clock_;
  std::vector<std::unique_ptr<Scope>> scopes_;
  Workers workers_;
};

}  // namespace meerkat::sql
