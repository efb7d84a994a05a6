// SPDX-License-Identifier: Apache-2.0
#include "server/instrumentation.h"

#include <pthread.h>

#include <algorithm>
#include <utility>

#include "store/reports/graphite.h"
#include "store/reports/statsd.h"

namespace meerkat {

using std::chrono::steady_clock;

Instrumentation::Lookout::Lookout(const metrics::Registry& registry, std::shared_ptr<metrics::Window> window,
                                  std::chrono::seconds every)
    : registry_(registry), window_(std::move(window)), thread_([this, every] { run(every); }) {}

Instrumentation::Lookout::~Lookout() {
  {
    const std::lock_guard lock{mutex_};
    ends_ = true;
  }
  ending_.notify_all();
  thread_.join();
}

void Instrumentation::Lookout::run(std::chrono::seconds every) {
  ::pthread_setname_np(::pthread_self(), "lookout");
  std::unique_lock lock{mutex_};
  while (!ending_.wait_for(lock, every, [this] { return ends_; })) {
    if (window_ != nullptr)
      window_->look(steady_clock::now());
    else
      registry_.look();
  }
}

// What is not wanted any more ends before anything begins: two tables may have changed places.
template <class Target, class Options>
void Instrumentation::change_reporters(std::vector<Told<Options>>& told, const std::vector<Options>& wanted) {
  std::erase_if(told, [&](const auto& each) { return std::ranges::find(wanted, each.options) == wanted.end(); });
  for (const Options& options : wanted) {
    if (std::ranges::find(told, options, &Told<Options>::options) != told.end()) continue;
    told.push_back({options, std::make_unique<reports::Reporter>(reports::name_of(options), options.interval,
                                                                 std::make_unique<Target>(options),
                                                                 [this] { return exometer(); })});
  }
}

void Instrumentation::change(const InstrumentationSettings& settings) {
  registry_.probe_interval_is(settings.probe_interval);
  prometheus_may_read_.store(settings.prometheus.has_value(), std::memory_order_relaxed);
  event_log_.log_at(settings.log ? std::optional{settings.log->level} : std::nullopt);
  const ExometerSettings exometer = settings.exometer.value_or(ExometerSettings{});
  prefix_.store(exometer.all_metrics_are_global ? metrics::Prefix::global_only : metrics::Prefix::host_type,
                std::memory_order_relaxed);
  lookout_.reset();
  if (settings.exometer.has_value() != (window() != nullptr)) {
    auto other = settings.exometer ? std::make_shared<metrics::Window>(registry_, steady_clock::now()) : nullptr;
    const std::lock_guard lock{mutex_};
    window_.swap(other);
  }
  // What probes see is logged when they look, so somebody has to make them.
  if (window_ != nullptr)
    lookout_ = std::make_unique<Lookout>(registry_, window_, metrics::Window::between_looks);
  else if (settings.log)
    lookout_ = std::make_unique<Lookout>(registry_, nullptr, settings.probe_interval);
  change_reporters<reports::Graphite>(graphite_, exometer.report.graphite);
  change_reporters<reports::Statsd>(statsd_, exometer.report.statsd);
}

void Instrumentation::stop() {
  graphite_.clear();
  statsd_.clear();
  lookout_.reset();
}

std::shared_ptr<metrics::Window> Instrumentation::window() const {
  const std::lock_guard lock{mutex_};
  return window_;
}

std::vector<metrics::ExometerMetric> Instrumentation::exometer() const {
  const metrics::Prefix prefix = prefix_.load(std::memory_order_relaxed);
  if (const auto kept = window()) {
    const metrics::WindowReading reading = kept->read(steady_clock::now());
    return metrics::exometer_metrics(reading.now, reading.recent, prefix);
  }
  return metrics::exometer_metrics(registry_.read(), {}, prefix);
}

}  // namespace meerkat
