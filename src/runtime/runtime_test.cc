// SPDX-License-Identifier: Apache-2.0
#include <poll.h>

#include <atomic>
#include <memory>
#include <stdexcept>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

#include "runtime/answer.h"
#include "runtime/blocking_pool.h"
#include "runtime/mail_batch.h"
#include "runtime/scope.h"
#include "runtime/workers.h"

using namespace meerkat;
using namespace std::chrono_literals;

namespace {

Task<int> four() { co_return 4; }
Task<int> fails() {
  throw std::runtime_error("broken");
  co_return 0;
}
Task<> store_sum(int& sum) {
  const int one = co_await four();
  Answer<int> at_hand = 1;
  const int two = co_await at_hand;
  Answer<int> later = four();
  const int three = co_await later;
  sum = one + two + three;
}

struct NumberMail : Mail {
  int number = 0;
  std::vector<int>* seen = nullptr;
};

// Two workers driven by hand, on the test's thread.
struct TwoWorkers {
  TurnableClock clock;
  Workers workers{2, clock};
  void turn(std::size_t which) {
    workers[which].adopt_thread();
    workers[which].turn(0ms);
  }
};

}  // namespace

TEST_CASE("tasks and answers bring their values to whoever awaits them") {
  Scope scope{"test"};
  int sum = 0;

  scope.spawn(store_sum(sum));

  CHECK(sum == 9);
  CHECK(scope.idle());
}

TEST_CASE("a failing task is fenced by its scope") {
  Scope scope{"test"};

  scope.spawn([]() -> Task<> { co_await fails(); }());

  CHECK(scope.idle());
}

TEST_CASE("mail arrives in the order of posting, at the end of the sender's turn") {
  TwoWorkers two;
  std::vector<int> seen;
  std::vector<NumberMail> mails(3);
  two.workers[0].adopt_thread();
  for (int i = 0; i < 3; ++i) {
    mails[static_cast<std::size_t>(i)].number = i;
    mails[static_cast<std::size_t>(i)].seen = &seen;
    mails[static_cast<std::size_t>(i)].open = [](Mail* self, Worker&) noexcept {
      static_cast<NumberMail*>(self)->seen->push_back(static_cast<NumberMail*>(self)->number);
    };
    two.workers[1].post(mails[static_cast<std::size_t>(i)]);
  }

  two.turn(1);
  CHECK(seen.empty());
  two.turn(0);
  two.turn(1);

  CHECK(seen == std::vector{0, 1, 2});
}

TEST_CASE("what another thread posts within a batch is there for all workers when the batch ends, in order") {
  TwoWorkers two;
  std::vector<int> seen;
  std::vector<NumberMail> mails(4);
  for (std::size_t i = 0; i < mails.size(); ++i) {
    mails[i].number = static_cast<int>(i);
    mails[i].seen = &seen;
    mails[i].open = [](Mail* self, Worker&) noexcept {
      static_cast<NumberMail*>(self)->seen->push_back(static_cast<NumberMail*>(self)->number);
    };
  }
  const auto both_turn = [&two] {
    two.turn(0);
    two.turn(1);
    Worker::leave_thread();
  };

  {
    const MailBatch together;
    const MailBatch within;  // changes nothing
    for (std::size_t i = 0; i < mails.size(); ++i) two.workers[i % 2].post(mails[i]);
    std::thread{both_turn}.join();
    CHECK(seen.empty());
  }
  CHECK(MailBatch::current() == nullptr);
  std::thread{both_turn}.join();
  CHECK(seen == std::vector{0, 2, 1, 3});
}

TEST_CASE("who is to be woken by a worker is woken at the end of its turn") {
  TwoWorkers two;
  const auto bell = std::make_shared<WakeUp>();
  const auto rings = [&bell] {
    ::pollfd watched{bell->descriptor(), POLLIN, 0};
    return ::poll(&watched, 1, 0) == 1;
  };
  two.workers[0].adopt_thread();
  two.workers[0].ring_at_turn_end(bell);
  CHECK_FALSE(rings());
  two.turn(0);
  CHECK(rings());
  bell->hush();
  CHECK_FALSE(rings());
  two.turn(0);
  CHECK_FALSE(rings());
  // Who is to be woken before a turn begins does not wait for something else to happen in it.
  two.workers[0].ring_at_turn_end(bell);
  two.workers[0].turn();
  CHECK(rings());
}

TEST_CASE("a coroutine hops to another worker and back") {
  TwoWorkers two;
  std::vector<std::size_t> where;
  Scope scope{"test"};
  const auto travel = [](Workers& workers, std::vector<std::size_t>& trace) -> Task<> {
    trace.push_back(Worker::current()->index());
    co_await hop_to(workers[1]);
    trace.push_back(Worker::current()->index());
    co_await hop_to(workers[0]);
    trace.push_back(Worker::current()->index());
  };
  two.workers[0].adopt_thread();

  scope.spawn(travel(two.workers, where));
  for (int i = 0; i < 2; ++i) {
    two.turn(0);
    two.turn(1);
  }
  two.turn(0);

  CHECK(where == std::vector<std::size_t>{0, 1, 0});
  CHECK(scope.idle());
}

TEST_CASE("timers fire when the clock has passed them, and not when cancelled") {
  TurnableClock clock;
  TimerWheel wheel{clock};
  Timer early, late, cancelled;
  int fired = 0;
  const auto count = [](void* counter) { ++*static_cast<int*>(counter); };
  early.set(wheel, 10ms, count, &fired);
  late.set(wheel, 60s, count, &fired);
  cancelled.set(wheel, 20ms, count, &fired);
  cancelled.cancel();

  clock.advance(30ms);
  wheel.advance();
  CHECK(fired == 1);
  CHECK(wheel.until_next() >= 0ms);

  clock.advance(59s);
  wheel.advance();
  CHECK(fired == 1);
  clock.advance(2s);
  wheel.advance();
  CHECK(fired == 2);
  CHECK(wheel.until_next() == -1ms);
}

TEST_CASE("blocking work runs on the pool and returns to its worker") {
  SystemClock clock;
  Workers workers{2, clock};
  workers.start();
  BlockingPool pool{"test", 2};
  std::atomic<int> done{0};
  Scope scope{"test"};
  const auto work = [](BlockingPool& on, std::atomic<int>& count) -> Task<> {
    const bool pool_thread = co_await on.run([] { return Worker::current() == nullptr; });
    if (pool_thread && Worker::current()->index() == 1) ++count;
    count.notify_all();
  };
  workers[1].call([&] { scope.spawn(work(pool, done)); });
  done.wait(0);

  CHECK(done == 1);
  workers.stop();
}

TEST_CASE("messages between busy workers are all delivered") {
  SystemClock clock;
  Workers workers{2, clock};
  workers.start();
  constexpr int count = 20000;
  std::atomic<int> seen{0};
  for (int i = 0; i < count; ++i)
    workers[0].call([&] {
      workers[1].call([&] {
        if (++seen == count) seen.notify_all();
      });
    });
  for (int now = seen; now != count; now = seen) seen.wait(now);

  CHECK(seen == count);
  workers.stop();
}
