// SPDX-License-Identifier: Apache-2.0
#include "server/watchdog.h"

#include <pthread.h>

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "server/notify.h"

namespace meerkat {

using namespace std::chrono_literals;

Pulse::Pulse(Workers& workers) : workers_(workers) {
  for (std::size_t i = 0; i < workers.size(); ++i) beats_.push_back(std::make_shared<Beat>());
}

bool Pulse::beat() {
  bool all = true;
  for (std::size_t i = 0; i < beats_.size(); ++i) {
    const std::shared_ptr<Beat>& beat = beats_[i];
    if (beat->awaited.load(std::memory_order_acquire)) {
      all = false;
      if (beat->stuck.begins()) log_error("worker_stuck", {{"worker", i}, {"now", "its clients wait"}});
      continue;
    }
    if (const auto missed = beat->stuck.ends()) log_notice("worker_moves", {{"worker", i}, {"beats_missed", *missed}});
    beat->awaited.store(true, std::memory_order_release);
    workers_[i].call([beat] { beat->awaited.store(false, std::memory_order_release); });
  }
  return all;
}

Watchdog::Watchdog(Workers& workers, std::chrono::milliseconds every, std::function<void()> feed)
    : pulse_(workers), feed_(std::move(feed)), thread_([this, every] { run(every); }) {}

Watchdog::~Watchdog() {
  {
    const std::lock_guard lock{mutex_};
    ends_ = true;
  }
  ending_.notify_all();
  thread_.join();
}

void Watchdog::run(std::chrono::milliseconds every) {
  ::pthread_setname_np(::pthread_self(), "watchdog");
  std::unique_lock lock{mutex_};
  while (!ending_.wait_for(lock, every, [this] { return ends_; }))
    if (pulse_.beat()) feed_();
}

std::unique_ptr<Watchdog> make_watchdog(Workers& workers) {
  const auto wanted = wanted_watchdog_interval();
  if (!wanted) return std::make_unique<Watchdog>(workers, 10s, [] {});
  // Four beats in the interval: a worker may miss two before systemd does something about it.
  const auto every = std::max(10ms, std::chrono::duration_cast<std::chrono::milliseconds>(*wanted / 4));
  return std::make_unique<Watchdog>(workers, every, notify_watchdog);
}

}  // namespace meerkat
