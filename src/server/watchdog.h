// SPDX-License-Identifier: Apache-2.0
// Notices a worker that is stuck: each has to make a turn between two beats. Who feeds systemd's watchdog does it from
// here, so a stuck worker gets the service restarted.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "base/trouble.h"
#include "runtime/workers.h"

namespace meerkat {

// Who answers, one beat at a time. Lives on one thread that is no worker.
class Pulse {
 public:
  explicit Pulse(Workers& workers);

  // Whether every worker has made a turn since the last beat. Those that have not are named in the log, once.
  bool beat();

 private:
  struct Beat {
    std::atomic<bool> awaited{false};
    Trouble stuck;
  };

  Workers& workers_;
  std::vector<std::shared_ptr<Beat>> beats_;  // shared with the mail that is under way
};

// Beats on a thread of its own until it is destroyed, which has to happen while the workers run.
class Watchdog {
 public:
  // `feed` is called after each beat that all workers answered.
  Watchdog(Workers& workers, std::chrono::milliseconds every, std::function<void()> feed);
  ~Watchdog();
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;

 private:
  void run(std::chrono::milliseconds every);

  Pulse pulse_;
  const std::function<void()> feed_;
  std::mutex mutex_;
  std::condition_variable ending_;
  bool ends_ = false;
  std::thread thread_;
};

// For the whole server: beats every ten seconds, or often enough for systemd, which is fed if it wants to be.
std::unique_ptr<Watchdog> make_watchdog(Workers& workers);

}  // namespace meerkat
