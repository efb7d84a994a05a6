// SPDX-License-Identifier: Apache-2.0
// The thread that a driver of ODBC may block, with its connection. One that the driver does not give back is left
// behind, and ends when the driver does; of these a session has only a few.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "base/clock.h"
#include "store/sql/odbc_connection.h"

namespace meerkat::sql {

// Any thread.
class OdbcHand {
 public:
  using Order = std::function<void(OdbcConnection&)>;

  static std::shared_ptr<OdbcHand> make();

  // False when it is not done by then, or somebody interrupted. Throws what the order threw. What the driver may still
  // look at afterwards belongs to the order.
  bool does(Order order, SteadyTime until);
  // Who waits for an order does so no longer.
  void interrupt() noexcept;
  // Waits for the end of the connection, but not for long.
  void leave(std::chrono::milliseconds most);
  bool has_left() const;

 private:
  void serve();

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  Order order_;
  std::exception_ptr failure_;
  bool is_done_ = false;
  bool is_interrupted_ = false;
  bool is_leaving_ = false;
  bool has_left_ = false;
  OdbcConnection connection_;  // the thread's
};

// Those of one session that their driver has not given back. One thread.
class OdbcHandsLeftBehind {
 public:
  static constexpr std::size_t most = 4;

  void add(std::shared_ptr<OdbcHand> hand) { hands_.push_back(std::move(hand)); }
  // Forgets those that have come back; whether there may be one more.
  bool have_room();

 private:
  std::vector<std::shared_ptr<OdbcHand>> hands_;
};

}  // namespace meerkat::sql
