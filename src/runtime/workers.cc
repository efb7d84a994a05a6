// SPDX-License-Identifier: Apache-2.0
#include "runtime/workers.h"

#include "base/check.h"

namespace meerkat {

Workers::Workers(std::size_t count, const Clock& clock) {
  check(count > 0, "a server has at least one worker");
  for (std::size_t i = 0; i < count; ++i) workers_.push_back(std::make_unique<Worker>(i, count, clock));
}

void Workers::start() {
  for (auto& worker : workers_) worker->start();
}

void Workers::stop() {
  for (auto& worker : workers_) worker->stop();
  for (auto& worker : workers_) worker->join();
}

void SleepFor::await_suspend(std::coroutine_handle<> waiting) {
  waiting_ = waiting;
  Worker* const here = Worker::current();
  check(here != nullptr, "sleep_for is for workers");
  timer_.set(here->timers(), time_, [](void* self) { static_cast<SleepFor*>(self)->waiting_.resume(); }, this);
}

}  // namespace meerkat
