// SPDX-License-Identifier: Apache-2.0
// A driver that blocks holds nobody up, and keeps only a few threads.
#include "store/sql/odbc_hand.h"

#include <doctest/doctest.h>

#include <chrono>
#include <cstddef>
#include <future>
#include <latch>
#include <memory>
#include <semaphore>
#include <stdexcept>

using namespace meerkat;
using namespace std::chrono_literals;

namespace {

SteadyTime in(std::chrono::milliseconds time) { return std::chrono::steady_clock::now() + time; }

// An order that takes until somebody lets it go.
class Blocking {
 public:
  sql::OdbcHand::Order order() {
    return [begun = begun_, gate = gate_](sql::OdbcConnection&) {
      begun->release();
      gate->wait();
    };
  }
  void wait_until_begun() { begun_->acquire(); }
  void lets_go() { gate_->count_down(); }

 private:
  std::shared_ptr<std::counting_semaphore<>> begun_ = std::make_shared<std::counting_semaphore<>>(0);
  std::shared_ptr<std::latch> gate_ = std::make_shared<std::latch>(1);
};

}  // namespace

TEST_CASE("an order to a driver is done, and what it throws is thrown to who gave it") {
  const auto hand = sql::OdbcHand::make();
  bool is_done = false;
  CHECK(hand->does([&](sql::OdbcConnection&) { is_done = true; }, in(10s)));
  CHECK(is_done);
  CHECK_THROWS_AS(hand->does([](sql::OdbcConnection&) { throw std::runtime_error{"no"}; }, in(10s)),
                  std::runtime_error);
  hand->leave(10s);
  CHECK(hand->has_left());
}

TEST_CASE("who waits for a driver stops when it takes too long, and when somebody interrupts") {
  Blocking late;
  Blocking interrupted;
  const auto first = sql::OdbcHand::make();
  CHECK(!first->does(late.order(), in(10ms)));
  const auto second = sql::OdbcHand::make();
  auto end = std::async(std::launch::async, [&] { return second->does(interrupted.order(), in(60s)); });
  second->interrupt();
  CHECK(!end.get());
  late.lets_go();
  interrupted.lets_go();
  for (const auto& hand : {first, second}) hand->leave(10s);
  CHECK(first->has_left());
  CHECK(second->has_left());
}

TEST_CASE("only a few connections are left behind with a driver that does not give them back") {
  Blocking stuck;
  std::shared_ptr<sql::OdbcHand> last;
  sql::OdbcHandsLeftBehind left;
  for (std::size_t i = 0; i < sql::OdbcHandsLeftBehind::most; ++i) {
    CHECK(left.have_room());
    last = sql::OdbcHand::make();
    CHECK(!last->does(stuck.order(), in(1ms)));
    stuck.wait_until_begun();
    last->leave(0ms);
    left.add(last);
  }
  CHECK(!left.have_room());
  stuck.lets_go();
  last->leave(10s);
  CHECK(left.have_room());
}
