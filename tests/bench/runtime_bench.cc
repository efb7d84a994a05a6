// SPDX-License-Identifier: Apache-2.0
// What the engine itself costs: mail between threads, timers, coroutines.
#include <benchmark/benchmark.h>

#include <array>
#include <atomic>
#include <chrono>
#include <random>
#include <thread>
#include <vector>

#include "runtime/answer.h"
#include "runtime/mailbox.h"
#include "runtime/scope.h"
#include "runtime/timer.h"
#include "runtime/workers.h"

using namespace meerkat;
using namespace std::chrono_literals;

namespace {

// This thread pushes and waits until the other has taken all: the way there and back between two caches, no system call
// unless the machine is busy.
void pushes_to_another_thread(benchmark::State& state) {
  const auto batch = static_cast<std::size_t>(state.range(0));
  Mailbox box;
  std::vector<Mail> mails(batch);
  std::atomic<bool> over{false};
  std::atomic<std::size_t> taken{0};
  std::thread reader{[&] {
    while (!over.load(std::memory_order_relaxed)) {
      std::size_t count = 0;
      for (const Mail* mail = box.take_all(); mail != nullptr; mail = mail->next) ++count;
      if (count > 0)
        taken.fetch_add(count, std::memory_order_release);
      else
        std::this_thread::yield();
    }
  }};
  std::size_t pushed = 0;
  for (auto _ : state) {
    MailChain chain;
    for (Mail& mail : mails) chain.append(mail);
    box.push(chain);
    pushed += batch;
    while (taken.load(std::memory_order_acquire) != pushed) std::this_thread::yield();
  }
  over = true;
  reader.join();
  state.SetItemsProcessed(static_cast<std::int64_t>(pushed));
}
BENCHMARK(pushes_to_another_thread)->Arg(1)->Arg(16)->UseRealTime();

void pushes_and_takes_on_one_thread(benchmark::State& state) {
  const auto batch = static_cast<std::size_t>(state.range(0));
  Mailbox box;
  std::vector<Mail> mails(batch);
  for (auto _ : state) {
    MailChain chain;
    for (Mail& mail : mails) chain.append(mail);
    box.push(chain);
    benchmark::DoNotOptimize(box.take_all());
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations() * batch));
}
BENCHMARK(pushes_and_takes_on_one_thread)->Arg(1)->Arg(16);

// A letter between two sleeping workers and back: two wake-ups by the kernel.
struct Letter final : Mail {
  Workers* workers = nullptr;
  std::atomic<bool> back{false};
};

void posts_to_a_sleeping_worker_and_back(benchmark::State& state) {
  SystemClock clock;
  Workers workers{2, clock};
  workers.start();
  Letter letter;
  letter.workers = &workers;
  for (auto _ : state) {
    letter.back.store(false, std::memory_order_relaxed);
    letter.open = [](Mail* self, Worker&) noexcept {
      self->open = [](Mail* returned, Worker&) noexcept {
        auto* const mine = static_cast<Letter*>(returned);
        mine->back.store(true, std::memory_order_release);
        mine->back.notify_one();
      };
      (*static_cast<Letter*>(self)->workers)[0].post(*self);
    };
    workers[1].post(letter);
    letter.back.wait(false, std::memory_order_acquire);
  }
  workers.stop();
}
BENCHMARK(posts_to_a_sleeping_worker_and_back)->UseRealTime();

// Among as many others as there are idle sessions.
void sets_and_cancels_a_timer(benchmark::State& state) {
  const SystemClock clock;
  TimerWheel wheel{clock};
  std::vector<Timer> others(static_cast<std::size_t>(state.range(0)));
  std::minstd_rand random{1};
  for (Timer& other : others)
    other.set(wheel, 60s + std::chrono::milliseconds{random() % 60'000}, [](void*) {}, nullptr);
  Timer timer;
  for (auto _ : state) {
    timer.set(wheel, 30s, [](void*) {}, nullptr);
    timer.cancel();
  }
}
BENCHMARK(sets_and_cancels_a_timer)->Arg(0)->Arg(100'000);

// A turn of the loop in which nothing is due, as the worker makes it after each batch of events.
void advances_a_wheel_with_nothing_due(benchmark::State& state) {
  TurnableClock clock;
  TimerWheel wheel{clock};
  std::vector<Timer> timers(static_cast<std::size_t>(state.range(0)));
  std::minstd_rand random{1};
  for (Timer& timer : timers)
    timer.set(wheel, 24h + std::chrono::milliseconds{random() % 60'000}, [](void*) {}, nullptr);
  for (auto _ : state) {
    wheel.advance();
    benchmark::DoNotOptimize(wheel.until_next());
  }
}
BENCHMARK(advances_a_wheel_with_nothing_due)->Arg(0)->Arg(100'000);

void advances_a_wheel_by_one_tick(benchmark::State& state) {
  TurnableClock clock;
  TimerWheel wheel{clock};
  std::vector<Timer> timers(static_cast<std::size_t>(state.range(0)));
  std::minstd_rand random{1};
  for (Timer& timer : timers)
    timer.set(wheel, 24h * 300 + std::chrono::milliseconds{random() % 60'000}, [](void*) {}, nullptr);
  for (auto _ : state) {
    clock.advance(TimerWheel::tick);
    wheel.advance();
  }
}
BENCHMARK(advances_a_wheel_by_one_tick)->Arg(0)->Arg(100'000)->Iterations(100'000);

Task<int> number(int value) { co_return value; }
Answer<int> number_at_hand(int value) { return value; }
Answer<int> number_later(int value) { return number(value); }

Task<> awaits_tasks(benchmark::State& state) {
  for (auto _ : state) {
    const int got = co_await number(7);
    benchmark::DoNotOptimize(got);
  }
}
void awaits_a_task(benchmark::State& state) {
  Scope scope{"bench"};
  scope.spawn(awaits_tasks(state));
}
BENCHMARK(awaits_a_task);

Task<> awaits_answers(benchmark::State& state, Answer<int> (*ask)(int)) {
  for (auto _ : state) {
    const int got = co_await ask(7);
    benchmark::DoNotOptimize(got);
  }
}
void awaits_an_answer_at_hand(benchmark::State& state) {
  Scope scope{"bench"};
  scope.spawn(awaits_answers(state, number_at_hand));
}
BENCHMARK(awaits_an_answer_at_hand);

void awaits_an_answer_that_is_a_task(benchmark::State& state) {
  Scope scope{"bench"};
  scope.spawn(awaits_answers(state, number_later));
}
BENCHMARK(awaits_an_answer_that_is_a_task);

Task<> does_nothing() { co_return; }
void spawns_into_a_scope(benchmark::State& state) {
  Scope scope{"bench"};
  for (auto _ : state) scope.spawn(does_nothing());
}
BENCHMARK(spawns_into_a_scope);

}  // namespace
