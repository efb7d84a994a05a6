// SPDX-License-Identifier: Apache-2.0
// Who is told what is counted and measured: [instrumentation] at work.
#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/metrics/event_log.h"
#include "base/metrics/exometer.h"
#include "base/metrics/window.h"
#include "server/instrumentation_section.h"
#include "store/reports/reporter.h"

namespace meerkat {

// One per server; outlives those who count.
class Instrumentation {
 public:
  explicit Instrumentation(metrics::Registry& registry) : registry_(registry), event_log_(registry) {}
  ~Instrumentation() { stop(); }
  Instrumentation(const Instrumentation&) = delete;
  Instrumentation& operator=(const Instrumentation&) = delete;

  // From now on it is as the settings say; reporters whose tables are the same go on. One caller at a time, and no
  // worker: a reporter may be ending.
  void change(const InstrumentationSettings& settings);
  // Nobody is told any more; before that is gone which probes look at.
  void stop();

  // By Exometer's names, with what came in the last minute where that is kept. Any thread but a worker.
  std::vector<metrics::ExometerMetric> exometer() const;
  // Whether Prometheus may read. Any thread.
  bool prometheus_may_read() const { return prometheus_may_read_.load(std::memory_order_relaxed); }

 private:
  template <class Options>
  struct Told {
    Options options;
    std::unique_ptr<reports::Reporter> reporter;
  };
  // Looks at what the last minute and the log need, on a thread of its own.
  class Lookout {
   public:
    Lookout(const metrics::Registry& registry, std::shared_ptr<metrics::Window> window, std::chrono::seconds every);
    ~Lookout();
    Lookout(const Lookout&) = delete;
    Lookout& operator=(const Lookout&) = delete;

   private:
    void run(std::chrono::seconds every);

    const metrics::Registry& registry_;
    const std::shared_ptr<metrics::Window> window_;
    std::mutex mutex_;
    std::condition_variable ending_;
    bool ends_ = false;
    std::thread thread_;
  };

  template <class Target, class Options>
  void change_reporters(std::vector<Told<Options>>& told, const std::vector<Options>& wanted);
  std::shared_ptr<metrics::Window> window() const;

  metrics::Registry& registry_;
  metrics::EventLog event_log_;
  std::atomic<bool> prometheus_may_read_{false};
  std::atomic<metrics::Prefix> prefix_{metrics::Prefix::host_type};
  mutable std::mutex mutex_;  // held for the pointer alone
  std::shared_ptr<metrics::Window> window_;
  std::unique_ptr<Lookout> lookout_;
  std::vector<Told<reports::GraphiteOptions>> graphite_;
  std::vector<Told<reports::StatsdOptions>> statsd_;
};

}  // namespace meerkat
