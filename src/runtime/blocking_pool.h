// SPDX-License-Identifier: Apache-2.0
// Threads for work that may block or takes long: database drivers, files, password hashing.
#pragma once

#include <atomic>
#include <condition_variable>
#include <coroutine>
#include <exception>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <type_traits>
#include <vector>

#include "base/check.h"
#include "runtime/worker.h"

namespace meerkat {

// First come, first served. Any worker may await `run`; the destructor finishes what was queued.
class BlockingPool {
 public:
  BlockingPool(std::string_view name, std::size_t threads);
  ~BlockingPool();
  BlockingPool(const BlockingPool&) = delete;
  BlockingPool& operator=(const BlockingPool&) = delete;

  // A piece of work, alive until `run` has been called; the pool does not own it.
  class Job {
   public:
    virtual void run() noexcept = 0;

   protected:
    ~Job() = default;

   private:
    friend class BlockingPool;
    Job* next_ = nullptr;
  };
  void submit(Job& job);
  // Jobs that no thread has taken yet. Any thread.
  std::size_t waiting() const { return waiting_.load(std::memory_order_relaxed); }
  std::size_t threads() const { return threads_.size(); }

  // `co_await pool.run([&] { … })` runs the function on a thread of the pool and goes on on the same worker;
  // what the function throws is thrown there.
  template <class Function>
  auto run(Function function) {
    return Awaiter<Function>{*this, std::move(function)};
  }

 private:
  template <class Function>
  class Awaiter final : Job {
   public:
    using Result = std::invoke_result_t<Function>;
    static constexpr bool returns_nothing = std::is_void_v<Result>;

    Awaiter(BlockingPool& pool, Function function) : pool_(pool), function_(std::move(function)) {}
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> waiting) {
      waiting_ = waiting;
      home_ = Worker::current();
      check(home_ != nullptr, "blocking work is awaited on a worker");
      pool_.submit(*this);
    }
    Result await_resume() {
      if (failure_) std::rethrow_exception(failure_);
      if constexpr (!returns_nothing) return std::move(*result_);
    }

   private:
    void run() noexcept override {
      try {
        if constexpr (returns_nothing)
          function_();
        else
          result_.emplace(function_());
      } catch (...) {
        failure_ = std::current_exception();
      }
      home_->resume(waiting_);
    }

    BlockingPool& pool_;
    Function function_;
    std::coroutine_handle<> waiting_;
    Worker* home_ = nullptr;
    std::exception_ptr failure_;
    std::optional<std::conditional_t<returns_nothing, char, Result>> result_;
  };

  void serve();

  std::mutex mutex_;
  std::condition_variable arrived_;
  Job* first_ = nullptr;
  Job* last_ = nullptr;
  bool stopping_ = false;
  std::atomic<std::size_t> waiting_{0};
  std::vector<std::thread> threads_;
};

}  // namespace meerkat
