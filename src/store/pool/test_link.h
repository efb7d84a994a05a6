// SPDX-License-Identifier: Apache-2.0
// Test support: an outside service without a network, which answers when the test says so.
#pragma once

#include <unistd.h>

#include <condition_variable>
#include <cstdint>
#include <exception>
#include <future>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "store/pool/outgoing_pool.h"

namespace meerkat {

// What a test asks for; `number` comes back as `answered_by`, the place of the link that answered.
class TestCall final : public Call {
 public:
  void finished(std::exception_ptr failure) noexcept override { done_.set_value(std::move(failure)); }
  // Waits for the end of the call; throws what it failed with.
  void wait() {
    if (const std::exception_ptr failure = end_.get()) std::rethrow_exception(failure);
  }
  bool is_done() const { return end_.wait_for(std::chrono::seconds{0}) == std::future_status::ready; }

  int answered_by = -1;

 private:
  std::promise<std::exception_ptr> done_;
  std::future<std::exception_ptr> end_ = done_.get_future();
};

// The service behind all links of a pool.
class TestService {
 public:
  MakeLink make_link() {
    return [this] { return std::make_unique<TestLink>(*this, next_place()); };
  }

  // How many links may connect; others are refused.
  void lets_in(int links) {
    const std::lock_guard lock{mutex_};
    may_connect_ = links;
  }
  // Calls are held by the link that has them until `answers`.
  void holds() {
    const std::lock_guard lock{mutex_};
    holding_ = true;
  }
  void answers() {
    const std::lock_guard lock{mutex_};
    holding_ = false;
    changed_.notify_all();
  }
  // The link that holds a call, or gets the next one, breaks under it.
  void breaks_once() {
    const std::lock_guard lock{mutex_};
    breaking_ = 1;
    changed_.notify_all();
  }
  // Blocks until so many calls are held.
  void wait_until_held(int calls) {
    std::unique_lock lock{mutex_};
    changed_.wait(lock, [&] { return held_ >= calls; });
  }
  int connections() const {
    const std::lock_guard lock{mutex_};
    return connections_;
  }
  int signs_of_life() const {
    const std::lock_guard lock{mutex_};
    return signs_of_life_;
  }

 private:
  class TestLink final : public Link {
   public:
    TestLink(TestService& service, int place) : service_(service), place_(place) {}
    void connect(SteadyTime) override { service_.connects(); }
    void close() noexcept override {}
    void serve(Call& call, CallSupply& more) override {
      service_.serves(more.deadline(call));
      static_cast<TestCall&>(call).answered_by = place_;
      more.finish(call);
    }
    void keep_alive(SteadyTime) override { service_.is_alive(); }
    int descriptor() const override { return -1; }
    void hears() override {}

   private:
    TestService& service_;
    int place_;
  };

  int next_place() {
    const std::lock_guard lock{mutex_};
    return places_++;
  }
  void connects() {
    const std::lock_guard lock{mutex_};
    if (may_connect_ == 0) throw std::runtime_error{"nobody is at home"};
    --may_connect_;
    ++connections_;
  }
  void serves(SteadyTime until) {
    std::unique_lock lock{mutex_};
    ++held_;
    changed_.notify_all();
    const bool in_time = changed_.wait_until(lock, until, [this] { return !holding_ || breaking_ > 0; });
    --held_;
    if (breaking_ > 0) {
      --breaking_;
      throw std::runtime_error{"the line is cut"};
    }
    if (!in_time) throw Unavailable{"slow", Unavailable::Why::timed_out};
  }
  void is_alive() {
    const std::lock_guard lock{mutex_};
    ++signs_of_life_;
    changed_.notify_all();
  }

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  int places_ = 0;
  int may_connect_ = 1000;
  int connections_ = 0;
  int held_ = 0;
  int breaking_ = 0;
  int signs_of_life_ = 0;
  bool holding_ = false;
};

}  // namespace meerkat
