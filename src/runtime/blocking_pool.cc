// SPDX-License-Identifier: Apache-2.0
#include "runtime/blocking_pool.h"

#include <pthread.h>

#include <utility>

namespace meerkat {

BlockingPool::BlockingPool(std::string_view name, std::size_t threads) {
  for (std::size_t i = 0; i < threads; ++i) {
    threads_.emplace_back([this, thread_name = std::string(name.substr(0, 15))] {
      ::pthread_setname_np(::pthread_self(), thread_name.c_str());
      serve();
    });
  }
}

BlockingPool::~BlockingPool() {
  {
    const std::lock_guard lock{mutex_};
    stopping_ = true;
  }
  arrived_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void BlockingPool::submit(Job& job) {
  {
    const std::lock_guard lock{mutex_};
    job.next_ = nullptr;
    (last_ != nullptr ? last_->next_ : first_) = &job;
    last_ = &job;
    waiting_.fetch_add(1, std::memory_order_relaxed);
  }
  arrived_.notify_one();
}

void BlockingPool::serve() {
  std::unique_lock lock{mutex_};
  for (;;) {
    arrived_.wait(lock, [this] { return first_ != nullptr || stopping_; });
    if (first_ == nullptr) return;
    Job* const job = std::exchange(first_, first_->next_);
    if (first_ == nullptr) last_ = nullptr;
    waiting_.fetch_sub(1, std::memory_order_relaxed);
    lock.unlock();
    job->run();
    lock.lock();
  }
}

}  // namespace meerkat
