// SPDX-License-Identifier: Apache-2.0
// Looks at the whole server once a second and remembers what it saw: the figures of all, and those of each worker.
#pragma once

#include <array>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "admin/live/figures.h"
#include "core/hall.h"
#include "streams/c2s_service.h"

namespace meerkat::admin {

// What one worker did in a second.
struct WorkerSample {
  std::int64_t at = 0;
  std::uint32_t worker = 0;
  std::int32_t busy = -1;  // thousandths of the time that its thread was computing; negative: it did not answer
  std::uint32_t sessions = 0, detached = 0, connections = 0, strangers = 0;
  std::uint32_t mails = 0, most_mails = 0;  // opened, and found at once
  std::uint32_t lag_us = 0;
};

// Costs each worker one mail a second. Made before the workers run; what it looks at outlives it.
class Sampler {
 public:
  // How many samples there are of all workers together.
  static constexpr std::size_t most_worker_samples = 2400;

  Sampler(const std::vector<std::unique_ptr<Hall>>& halls, const std::vector<std::unique_ptr<C2sService>>& services,
          metrics::Registry& metrics, const OutgoingPools& pools = no_outgoing_pools());
  ~Sampler();
  Sampler(const Sampler&) = delete;
  Sampler& operator=(const Sampler&) = delete;

  // Takes a sample every second, on a thread of its own, until it is stopped; before the workers are.
  void start();
  void stop();
  // Takes one now. Not on a worker that runs; for tests, and for `start`.
  void take();

  // Any thread, both.
  const History& history() const { return history_; }
  // Newer than `at`, oldest first; nothing: the newest of each worker.
  std::vector<WorkerSample> workers_since(std::optional<std::int64_t> at) const;

 private:
  // What a worker told of itself when it was asked last. Shared with the mail that is under way.
  struct Told {
    std::mutex mutex;
    bool awaited = false;
    SteadyTime asked;
    SteadyTime answered;
    std::chrono::nanoseconds lag{0};
    std::chrono::nanoseconds cpu{0};
    std::uint64_t mails = 0, most_mails = 0;
    std::size_t sessions = 0, detached = 0, connections = 0, strangers = 0;
  };
  struct Asked {
    std::shared_ptr<Told> told = std::make_shared<Told>();
    SteadyTime answered;
    std::chrono::nanoseconds cpu{0};
    std::uint64_t mails = 0;
  };
  // How often something has happened since the start, and how often when it was looked at last.
  struct Followed {
    std::int64_t seen = Sample::unknown;
    std::int64_t since_last(std::int64_t now);
  };

  void run();
  void look_at_workers(Sample& sample);
  WorkerSample look_at(std::size_t worker, std::int64_t at);
  void ask(std::size_t worker);
  void look_at_counts(Sample& sample);
  metrics::Distribution stanza_times();
  void look_at_process(Sample& sample);
  void look_at_pools(Sample& sample);

  const std::vector<std::unique_ptr<Hall>>& halls_;
  const std::vector<std::unique_ptr<C2sService>>& services_;
  metrics::Registry& metrics_;
  const OutgoingPools& pools_;
  const Clock& clock_;
  History history_;
  std::vector<Asked> asked_;
  std::array<Followed, figure_count> followed_;
  metrics::Distribution times_;
  std::chrono::nanoseconds cpu_{0};
  SteadyTime last_look_;
  std::int64_t last_at_ = 0;

  mutable std::mutex mutex_;
  std::deque<WorkerSample> workers_;
  bool ends_ = false;
  std::condition_variable ending_;
  std::thread thread_;
};

}  // namespace meerkat::admin
