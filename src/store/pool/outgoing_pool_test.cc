// SPDX-License-Identifier: Apache-2.0
#include "store/pool/outgoing_pool.h"

#include <poll.h>

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <deque>
#include <set>

#include "store/pool/test_link.h"

using namespace meerkat;
using namespace std::chrono_literals;
using enum PoolStrategy;
using Why = Unavailable::Why;

namespace {

PoolSettings with(PoolStrategy strategy, std::uint32_t workers) {
  PoolSettings settings;
  settings.name = "test.default";
  settings.options.strategy = strategy;
  settings.options.workers = workers;
  settings.back_off = {.first = 5ms, .longest = 20ms};
  return settings;
}

// A pool of such workers, all connected.
struct Running {
  explicit Running(PoolSettings settings) : workers(settings.options.workers), pool(settings, service.make_link()) {
    while (up() < workers) std::this_thread::yield();
  }
  Running(PoolStrategy strategy, std::uint32_t workers) : Running(with(strategy, workers)) {}
  ~Running() { service.answers(); }

  std::size_t up() const {
    return static_cast<std::size_t>(std::ranges::count(pool.workers(), PoolWorkerStatus::up, &PoolWorkerState::status));
  }
  TestCall& asks() {
    TestCall& call = calls.emplace_back();
    pool.submit(call);
    return call;
  }
  std::multiset<std::size_t> queues() const {
    std::multiset<std::size_t> lengths;
    for (const PoolWorkerState& worker : pool.workers()) lengths.insert(worker.queued);
    return lengths;
  }

  std::uint32_t workers;
  TestService service;
  std::deque<TestCall> calls;
  OutgoingPool pool;
};

Why why(TestCall& call) {
  try {
    call.wait();
  } catch (const Unavailable& known) {
    return known.why();
  }
  FAIL("the call was answered");
  return Why::failed;
}

}  // namespace

TEST_CASE("a call is answered, and counted with the time it took") {
  Running running{best_worker, 2};
  running.asks().wait();
  CHECK(running.pool.events().times(PoolEvent::called) == 1);
  CHECK(running.pool.events().times(PoolEvent::answered) == 1);
  CHECK(running.pool.events().times(PoolEvent::connected) == 2);
  CHECK(running.pool.latency().count() == 1);
}

TEST_CASE("a pool whose calls are measured tells of each, also of one that nobody could take") {
  constexpr metrics::Event event = metrics::timed("asked", "A service was asked.");
  metrics::Registry registry;
  Running running{best_worker, 1};
  running.pool.measure_calls({registry, event, {"localhost"}});

  running.asks().wait();
  running.pool.stop(std::chrono::steady_clock::now() + 5s);
  CHECK(why(running.asks()) == Why::stopped);

  const auto readings = registry.read().at(0).readings;
  CHECK(std::get<std::int64_t>(readings.at(0)) == 2);
  CHECK(std::get<metrics::Distribution>(readings.at(1)).count() == 2);
}

TEST_CASE("the best worker is the one with the fewest calls before it") {
  Running running{best_worker, 3};
  running.service.holds();
  for (int i = 0; i < 3; ++i) running.asks();
  running.service.wait_until_held(3);
  for (int i = 0; i < 6; ++i) running.asks();
  CHECK(running.queues() == std::multiset<std::size_t>{2, 2, 2});
}

TEST_CASE("a full queue of the best worker refuses the next call") {
  PoolSettings settings = with(best_worker, 1);
  settings.options.max_worker_queue_len = 2;
  Running running{settings};
  running.service.holds();
  TestCall& first = running.asks();
  running.service.wait_until_held(1);
  TestCall& second = running.asks();
  TestCall& third = running.asks();
  CHECK(why(running.asks()) == Why::full);
  running.service.answers();
  for (TestCall* const call : {&first, &second, &third}) call->wait();
  CHECK(running.pool.events().times(PoolEvent::refused) == 1);
}

TEST_CASE("a pool that drops its oldest call makes room for the youngest") {
  PoolSettings settings = with(best_worker, 1);
  settings.options.max_worker_queue_len = 2;
  settings.drops_oldest = true;
  Running running{settings};
  running.service.holds();
  running.asks();
  running.service.wait_until_held(1);
  TestCall& oldest = running.asks();
  TestCall& middle = running.asks();
  TestCall& youngest = running.asks();
  CHECK(why(oldest) == Why::full);
  running.service.answers();
  middle.wait();
  youngest.wait();
  CHECK(running.pool.events().times(PoolEvent::dropped) == 1);
}

TEST_CASE("a link that waits for its service is woken by a call that may join") {
  // It answers when three are together.
  class Gathering final : public Link {
   public:
    void connect(SteadyTime) override {}
    void close() noexcept override {}
    void serve(Call& call, CallSupply& more) override {
      std::vector<Call*> calls{&call};
      while (calls.size() < 3) {
        while (Call* const next = more.take()) calls.push_back(next);
        if (calls.size() >= 3) break;
        ::pollfd watched{more.wake_up(), POLLIN, 0};
        if (::poll(&watched, 1, 10'000) != 1) throw std::runtime_error{"nobody came"};
      }
      CHECK(more.wake_up() == -1);  // it has all that it may
      for (Call* const one : calls) more.finish(*one);
    }
    void keep_alive(SteadyTime) override {}
    int descriptor() const override { return -1; }
    void hears() override {}
  };
  PoolSettings settings = with(best_worker, 1);
  settings.depth = 3;
  OutgoingPool pool{settings, [] { return std::make_unique<Gathering>(); }};
  for (int round = 0; round < 50; ++round) {
    std::array<TestCall, 3> calls;
    for (TestCall& call : calls) pool.submit(call);
    for (TestCall& call : calls) call.wait();
  }
}

TEST_CASE("the next worker is the next one, however much it has to do") {
  Running running{next_worker, 3};
  running.service.holds();
  for (int i = 0; i < 3; ++i) running.asks();
  running.service.wait_until_held(3);
  for (int i = 0; i < 4; ++i) running.asks();
  CHECK(running.queues() == std::multiset<std::size_t>{1, 1, 2});
}

TEST_CASE("a random worker is any worker") {
  Running running{random_worker, 3};
  std::array<int, 3> answers{};
  for (int i = 0; i < 300; ++i) {
    TestCall& call = running.asks();
    call.wait();
    ++answers[static_cast<std::size_t>(call.answered_by)];
  }
  for (const int count : answers) CHECK(count > 50);
}

TEST_CASE("an available worker takes what waits longest; nothing is queued behind a slow one") {
  Running running{available_worker, 2};
  running.service.holds();
  TestCall& first = running.asks();
  TestCall& second = running.asks();
  running.service.wait_until_held(2);
  TestCall& third = running.asks();
  CHECK(running.queues() == std::multiset<std::size_t>{0, 0});
  CHECK(running.pool.queued() == 1);
  running.service.answers();
  for (TestCall* const call : {&first, &second, &third}) call->wait();
}

TEST_CASE("the next available worker is a free one, or the call is refused") {
  Running running{next_available_worker, 2};
  running.service.holds();
  TestCall& first = running.asks();
  running.service.wait_until_held(1);
  TestCall& second = running.asks();
  running.service.wait_until_held(2);
  CHECK(why(running.asks()) == Why::full);
  running.service.answers();
  first.wait();
  second.wait();
  CHECK(first.answered_by != second.answered_by);
}

TEST_CASE("who waits in a queue longer than the call's time is told so, while the worker is still busy") {
  PoolSettings settings = with(best_worker, 1);
  settings.options.call_timeout = 300ms;
  Running running{settings};
  running.service.holds();
  TestCall& slow = running.asks();
  running.service.wait_until_held(1);
  TestCall& waiting = running.asks();
  CHECK(why(waiting) == Why::timed_out);
  CHECK(why(slow) == Why::timed_out);
  CHECK(running.pool.events().times(PoolEvent::timed_out) == 2);
  running.service.answers();
  running.asks().wait();
}

TEST_CASE("a connection that breaks under a call is replaced; the call fails, unless it may be repeated") {
  Running running{best_worker, 1};
  running.service.holds();
  TestCall& write = running.asks();
  running.service.wait_until_held(1);
  running.service.breaks_once();
  CHECK(why(write) == Why::failed);

  TestCall& read = running.calls.emplace_back();
  read.may_repeat = true;
  running.pool.submit(read);
  running.service.wait_until_held(1);
  running.service.breaks_once();
  running.service.answers();
  read.wait();
  CHECK(running.service.connections() >= 2);
}

TEST_CASE("while nobody is connected calls are refused at once, with the reason; later they are served") {
  TestService service;
  service.lets_in(0);
  OutgoingPool pool{with(best_worker, 2), service.make_link()};
  CHECK_FALSE(pool.wait_until_connected(std::chrono::steady_clock::now() + 30ms));
  TestCall call;
  pool.submit(call);
  CHECK_THROWS_WITH_AS(call.wait(), "no connection: nobody is at home", Unavailable);
  CHECK_FALSE(pool.available());

  service.lets_in(1000);
  CHECK(pool.wait_until_connected(std::chrono::steady_clock::now() + 5s));
  TestCall later;
  pool.submit(later);
  later.wait();
  CHECK(pool.workers().front().last_error == "nobody is at home");
}

TEST_CASE("a stop answers what is queued, and refuses what comes") {
  Running running{best_worker, 1};
  running.service.holds();
  TestCall& held = running.asks();
  running.service.wait_until_held(1);
  TestCall& queued = running.asks();
  std::thread stopping{[&] { running.pool.stop(std::chrono::steady_clock::now() + 10s); }};
  Why told = Why::full;
  while (told != Why::stopped) {
    TestCall& late = running.asks();
    if (late.is_done()) told = why(late);
  }
  running.service.answers();
  stopping.join();
  held.wait();
  queued.wait();
}

TEST_CASE("a connection that nobody uses gives a sign of life") {
  PoolSettings settings = with(best_worker, 1);
  settings.keepalive_interval = 5ms;
  Running running{settings};
  while (running.service.signs_of_life() < 3) std::this_thread::yield();
  CHECK(running.service.connections() == 1);
}

TEST_CASE("delays double up to the longest, and are never the same for all") {
  BackOff back_off{{.first = 100ms, .longest = 300ms}};
  CHECK(back_off.failed(0) == 100ms);
  CHECK(back_off.failed(100) == 100ms);
  CHECK(back_off.failed(0) == 300ms);
  CHECK(back_off.failed(150) == 150ms);
  back_off.worked();
  CHECK(back_off.failed(0) == 100ms);
}
