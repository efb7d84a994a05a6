// SPDX-License-Identifier: Apache-2.0
// Links that a worker of the server serves on its own loop.
#include "store/pool/lodging.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <doctest/doctest.h>

#include <atomic>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <set>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

#include "store/sql/test_house.h"

using namespace meerkat;
using namespace std::chrono_literals;
using Why = Unavailable::Why;

namespace {

// A service that answers at once, or when the test says so, and knows on which threads it was asked.
class FlowingService {
 public:
  MakeLink make_link() {
    return [this] { return std::make_unique<FlowingLink>(*this); };
  }
  void holds() { is_holding_ = true; }
  void answers() {
    is_holding_ = false;
    const std::lock_guard lock{mutex_};
    for (FlowingLink* const link : links_) link->ring();
  }
  void breaks() {
    is_broken_ = true;
    breaks_once();
  }
  // Whoever is connected.
  void breaks_once() {
    is_cutting_ = true;
    const std::lock_guard lock{mutex_};
    for (FlowingLink* const link : links_) link->ring();
  }
  void is_mended() { is_broken_ = false; }

  std::atomic<int> served_on_loops{0};
  std::atomic<int> served_by_threads{0};
  std::atomic<int> signs_of_life{0};
  std::atomic<int> under_way{0};
  std::atomic<bool> was_looked_at{false};  // by the thread of the pool, which offers a link next
  std::set<std::thread::id> threads;       // of loops, with the mutex

 private:
  class FlowingLink final : public Link, private Flow {
   public:
    explicit FlowingLink(FlowingService& service) : service_(service), answers_(::eventfd(0, EFD_NONBLOCK)) {
      const std::lock_guard lock{service_.mutex_};
      service_.links_.insert(this);
    }
    ~FlowingLink() override {
      const std::lock_guard lock{service_.mutex_};
      service_.links_.erase(this);
      ::close(answers_);
    }
    void connect(SteadyTime) override {
      asked_.clear();
      if (service_.is_broken_) throw std::runtime_error{"nobody is at home"};
    }
    void close() noexcept override {
      service_.under_way -= static_cast<int>(asked_.size());
      asked_.clear();
    }
    void serve(Call& call, CallSupply& more) override {
      ++service_.served_by_threads;
      more.finish(call);
    }
    void keep_alive(SteadyTime) override { ++service_.signs_of_life; }
    int descriptor() const override { return answers_; }
    void hears() override { drain(); }
    Flow* flow() override {
      service_.was_looked_at = true;
      return this;
    }
    void ring() const { ::eventfd_write(answers_, 1); }

   private:
    void ask(Call& call) override {
      asked_.push_back(&call);
      ++service_.under_way;
    }
    bool send(CallSupply&) override {
      if (!service_.is_holding_) ring();
      return false;
    }
    void hear(CallSupply& calls) override {
      drain();
      {
        const std::lock_guard lock{service_.mutex_};
        service_.threads.insert(std::this_thread::get_id());
      }
      for (Call* const call : std::exchange(asked_, {})) {
        ++service_.served_on_loops;
        --service_.under_way;
        calls.finish(*call);
      }
    }
    void drain() const {
      ::eventfd_t count = 0;
      ::eventfd_read(answers_, &count);
      if (service_.is_cutting_.exchange(false)) throw std::runtime_error{"the line is cut"};
    }

    FlowingService& service_;
    const int answers_;
    std::vector<Call*> asked_;
  };

  std::mutex mutex_;
  std::set<FlowingLink*> links_;
  std::atomic<bool> is_holding_{false};
  std::atomic<bool> is_broken_{false};
  std::atomic<bool> is_cutting_{false};
};

PoolSettings flowing(std::uint32_t workers) {
  PoolSettings settings;
  settings.name = "test.default";
  settings.options.workers = workers;
  settings.options.call_timeout = 5s;
  settings.back_off = {.first = 5ms, .longest = 20ms};
  settings.depth = 16;
  return settings;
}

struct WorkerCall final : AwaitedCall {};

Task<std::thread::id> ask(OutgoingPool& pool, bool may_repeat) {
  WorkerCall call;
  call.may_repeat = may_repeat;
  co_await pool.perform(call);
  co_return std::this_thread::get_id();
}

// In one turn, and in the next one before its other mail.
Task<> submit_and_do_next(OutgoingPool& pool, Call& call, std::function<void()> next) {
  Worker::current()->call(std::move(next));
  pool.submit(call);
  co_return;
}

void eventually(const std::function<bool()>& is_so) {
  const auto end = std::chrono::steady_clock::now() + 10s;
  while (!is_so()) {
    REQUIRE(std::chrono::steady_clock::now() < end);
    std::this_thread::yield();
  }
}

// A pool with callers on two workers. The members go in the order that a server has: workers end before pools.
struct Flowing {
  explicit Flowing(PoolSettings settings) : pool(settings, service.make_link()) {
    eventually([&] { return pool.events().times(PoolEvent::connected) >= settings.options.workers; });
  }
  explicit Flowing(std::uint32_t workers = 1) : Flowing(flowing(workers)) {}
  ~Flowing() { service.answers(); }

  std::future<std::thread::id> asks(std::size_t worker = 0, bool may_repeat = false) {
    return house->start(ask(pool, may_repeat), worker);
  }
  std::thread::id answer(std::size_t worker = 0) { return asks(worker).get(); }
  std::size_t queued_or_under_way() const {
    const PoolWorkerState state = pool.workers().front();
    return state.queued + state.under_way;
  }

  FlowingService service;
  OutgoingPool pool;
  std::unique_ptr<sql::TestHouse> house = std::make_unique<sql::TestHouse>();
};

Why why(std::future<std::thread::id> answer) {
  try {
    answer.get();
  } catch (const Unavailable& known) {
    return known.why();
  }
  FAIL("the call was answered");
  return Why::failed;
}

}  // namespace

TEST_CASE("a link that can is served by the worker that asks") {
  Flowing flowing;
  const std::thread::id caller = flowing.answer();
  for (int i = 0; i < 100; ++i) CHECK(flowing.answer() == caller);
  CHECK(flowing.service.served_on_loops == 101);
  CHECK(flowing.service.served_by_threads == 0);
  CHECK(flowing.service.threads == std::set{caller});
  CHECK(flowing.pool.events().times(PoolEvent::answered) == 101);
}

TEST_CASE("what another worker asks is served where the link lodges") {
  Flowing flowing;
  const std::thread::id home = flowing.answer(0);
  const std::thread::id other = flowing.answer(1);
  CHECK(other != home);
  CHECK(flowing.service.threads == std::set{home});
}

TEST_CASE("no worker has more than its share of links") {
  Flowing flowing{4};
  flowing.service.holds();
  std::vector<std::future<std::thread::id>> answers;
  answers.reserve(80);
  for (int i = 0; i < 40; ++i) answers.push_back(flowing.asks(0));
  flowing.house->has_begun(0);
  for (int i = 0; i < 40; ++i) answers.push_back(flowing.asks(1));
  flowing.house->has_begun(1);
  flowing.service.answers();
  for (auto& answer : answers) answer.get();
  CHECK(flowing.service.threads.size() <= 2);
  for (int i = 0; i < 40; ++i) flowing.answer(1);
  CHECK(flowing.service.threads.size() == 2);
}

TEST_CASE("more calls than may be under way are asked as others are answered") {
  Flowing flowing;
  flowing.answer();
  flowing.service.holds();
  std::vector<std::future<std::thread::id>> answers;
  answers.reserve(50);
  for (int i = 0; i < 50; ++i) answers.push_back(flowing.asks());
  eventually([&] { return flowing.service.under_way == 16 && flowing.queued_or_under_way() == 50; });
  flowing.service.answers();
  for (auto& answer : answers) answer.get();
  CHECK(flowing.service.served_on_loops == 51);
}

TEST_CASE("a connection that breaks under calls is made anew; who only reads is asked again") {
  Flowing flowing;
  flowing.answer();
  flowing.service.holds();
  std::future<std::thread::id> writes = flowing.asks();
  std::future<std::thread::id> reads = flowing.asks(0, true);
  eventually([&] { return flowing.service.under_way == 2; });
  flowing.service.breaks_once();
  CHECK(why(std::move(writes)) == Why::failed);
  flowing.service.answers();
  reads.get();
  flowing.answer();
  CHECK(flowing.pool.events().times(PoolEvent::disconnected) == 1);
  CHECK(flowing.pool.events().times(PoolEvent::repeated) == 1);
}

TEST_CASE("a connection that ends while nothing is asked is noticed at once") {
  Flowing flowing;
  flowing.answer();
  flowing.service.breaks();
  eventually([&] { return flowing.pool.workers().front().status == PoolWorkerStatus::down; });
  flowing.service.is_mended();
  eventually([&] { return flowing.pool.available(); });
  flowing.answer();
}

TEST_CASE("who gets no answer in time is told, and the connection is made anew") {
  PoolSettings settings = flowing(1);
  settings.options.call_timeout = 50ms;
  Flowing flowing{settings};
  flowing.answer();
  flowing.service.holds();
  CHECK(why(flowing.asks()) == Why::timed_out);
  flowing.service.answers();
  flowing.answer();
  CHECK(flowing.pool.events().times(PoolEvent::connected) == 2);
}

TEST_CASE("a link that was not used for a while shows that it is alive, and is used again") {
  PoolSettings settings = flowing(1);
  settings.keepalive_interval = 20ms;
  Flowing flowing{settings};
  flowing.answer();
  eventually([&] { return flowing.service.signs_of_life >= 2; });
  flowing.answer();
  CHECK(flowing.service.served_by_threads == 0);
}

TEST_CASE("a pool that stops answers what is under way on a loop") {
  Flowing flowing;
  flowing.answer();
  flowing.service.holds();
  std::future<std::thread::id> asked = flowing.asks();
  eventually([&] { return flowing.service.under_way == 1; });
  std::thread stopping{[&] { flowing.pool.stop(std::chrono::steady_clock::now() + 10s); }};
  // What is asked before it has begun to stop is under way like the first.
  std::vector<std::future<std::thread::id>> before;
  for (std::future<std::thread::id> late = flowing.asks();; late = flowing.asks()) {
    if (late.wait_for(20ms) == std::future_status::ready) {
      CHECK(why(std::move(late)) == Why::stopped);
      break;
    }
    before.push_back(std::move(late));
  }
  flowing.service.answers();
  asked.get();
  for (auto& each : before) each.get();
  stopping.join();
}

TEST_CASE("a worker that ends gives its links back") {
  Flowing flowing;
  flowing.answer();
  flowing.house = nullptr;
  CHECK(flowing.pool.available());
  flowing.house = std::make_unique<sql::TestHouse>();
  flowing.answer(1);
  CHECK(flowing.service.served_on_loops == 2);
}

TEST_CASE("a worker may stop a pool whose link lodges there") {
  Flowing flowing;
  flowing.answer();
  const auto stop = [](OutgoingPool& pool) -> Task<> {
    pool.stop(std::chrono::steady_clock::now() + 10s);
    co_return;
  };
  flowing.house->ask(stop(flowing.pool));
  CHECK(flowing.pool.workers().front().status == PoolWorkerStatus::stopped);
}

TEST_CASE("a worker may stop a pool whose link it has been offered and not come for yet") {
  struct NotedCall final : Call {
    void finished(std::exception_ptr) noexcept override { done.set_value(); }
    std::promise<void> done;
  };
  Flowing flowing;
  NotedCall call;
  std::promise<void> stopped;
  // Opened before the offer, which the pool's thread makes when the turn has ended.
  const auto stop = [&] {
    eventually([&] { return flowing.service.was_looked_at.load(); });
    (void)flowing.pool.workers();  // the offer has been made when the pool can be asked again
    flowing.pool.stop(std::chrono::steady_clock::now() + 10s);
    stopped.set_value();
  };
  flowing.house->ask(submit_and_do_next(flowing.pool, call, stop));
  stopped.get_future().get();
  call.done.get_future().get();
}
