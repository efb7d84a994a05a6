// SPDX-License-Identifier: Apache-2.0
#include "store/sql/odbc_hand.h"

#include <pthread.h>

#include <thread>
#include <utility>

namespace meerkat::sql {

std::shared_ptr<OdbcHand> OdbcHand::make() {
  auto hand = std::make_shared<OdbcHand>();
  std::thread([hand] {
    ::pthread_setname_np(::pthread_self(), "store-odbc");
    hand->serve();
  }).detach();
  return hand;
}

bool OdbcHand::does(Order order, SteadyTime until) {
  std::unique_lock lock{mutex_};
  order_ = std::move(order);
  is_done_ = false;
  changed_.notify_all();
  const bool has_end = changed_.wait_until(lock, until, [this] { return is_done_ || is_interrupted_; });
  if (!has_end || !is_done_) return false;
  if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
  return true;
}

void OdbcHand::interrupt() noexcept {
  const std::lock_guard lock{mutex_};
  is_interrupted_ = true;
  changed_.notify_all();
}

void OdbcHand::leave(std::chrono::milliseconds most) {
  std::unique_lock lock{mutex_};
  is_leaving_ = true;
  changed_.notify_all();
  changed_.wait_for(lock, most, [this] { return has_left_; });
}

bool OdbcHand::has_left() const {
  const std::lock_guard lock{mutex_};
  return has_left_;
}

void OdbcHand::serve() {
  std::unique_lock lock{mutex_};
  for (;;) {
    changed_.wait(lock, [this] { return is_leaving_ || order_; });
    if (is_leaving_) break;
    const Order order = std::exchange(order_, nullptr);
    lock.unlock();
    std::exception_ptr failure;
    try {
      order(connection_);
    } catch (...) {
      failure = std::current_exception();  // thrown where the order came from
    }
    lock.lock();
    failure_ = std::move(failure);
    is_done_ = true;
    changed_.notify_all();
  }
  lock.unlock();
  connection_.disconnect();
  lock.lock();
  has_left_ = true;
  changed_.notify_all();
}

bool OdbcHandsLeftBehind::have_room() {
  std::erase_if(hands_, [](const std::shared_ptr<OdbcHand>& hand) { return hand->has_left(); });
  return hands_.size() < most;
}

}  // namespace meerkat::sql
