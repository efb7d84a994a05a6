// SPDX-License-Identifier: Apache-2.0
#include "admin/live/sampler.h"

#include <pthread.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "admin/live/process_figures.h"
#include "core/limits/memory_reading.h"
#include "store/pool/outgoing_pools.h"

namespace meerkat::admin {
namespace {

using namespace std::chrono_literals;

// What is counted already, under the names of the metrics.
struct Source {
  Figure figure;
  std::string_view event;
  std::string_view measurement;
};
constexpr std::array sources{Source{Figure::logins, "sm_session", "logins"},
                             Source{Figure::logouts, "sm_session", "logouts"},
                             Source{Figure::failed_logins, "c2s_auth_failed", "count"},
                             Source{Figure::messages_in, "xmpp_element_in", "message_count"},
                             Source{Figure::messages_out, "xmpp_element_out", "message_count"},
                             Source{Figure::presences_in, "xmpp_element_in", "presence_count"},
                             Source{Figure::presences_out, "xmpp_element_out", "presence_count"},
                             Source{Figure::iqs_in, "xmpp_element_in", "iq_count"},
                             Source{Figure::iqs_out, "xmpp_element_out", "iq_count"},
                             Source{Figure::bytes_in, "xmpp_element_in", "byte_size"},
                             Source{Figure::bytes_out, "xmpp_element_out", "byte_size"}};

// Of something with a distribution it is the sum that counts; unknown when nobody counts it.
std::int64_t number_of(const metrics::Reading& reading) {
  if (const auto* const number = std::get_if<std::int64_t>(&reading)) return *number;
  if (const auto* const distribution = std::get_if<metrics::Distribution>(&reading))
    return static_cast<std::int64_t>(distribution->sum);
  return Sample::unknown;
}

// Host types that were taken away take what they counted with them.
std::uint64_t less(std::uint64_t now, std::uint64_t before) { return now > before ? now - before : 0; }

std::int32_t share(std::chrono::nanoseconds part, std::chrono::nanoseconds of) {
  return of <= 0ns ? 0 : static_cast<std::int32_t>(part * 1000 / of);
}

std::uint32_t micros(std::chrono::nanoseconds time) {
  return static_cast<std::uint32_t>(std::clamp<std::int64_t>(time / 1us, 0, UINT32_MAX));
}

void put(Sample& sample, Figure figure, std::optional<std::int64_t> value) {
  if (value) sample[figure] = *value;
}

}  // namespace

std::int64_t Sampler::Followed::since_last(std::int64_t now) {
  const std::int64_t before = std::exchange(seen, now);
  if (now == Sample::unknown) return Sample::unknown;
  return before == Sample::unknown ? 0 : std::max<std::int64_t>(0, now - before);
}

Sampler::Sampler(const std::vector<std::unique_ptr<Hall>>& halls,
                 const std::vector<std::unique_ptr<C2sService>>& services, metrics::Registry& metrics,
                 const OutgoingPools& pools)
    : halls_(halls),
      services_(services),
      metrics_(metrics),
      pools_(pools),
      clock_(halls.front()->worker.clock()),
      asked_(halls.size()) {}

Sampler::~Sampler() { stop(); }

void Sampler::stop() {
  {
    const std::lock_guard lock{mutex_};
    ends_ = true;
  }
  ending_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Sampler::start() {
  thread_ = std::thread([this] { run(); });
}

void Sampler::run() {
  ::pthread_setname_np(::pthread_self(), "sampler");
  auto next = std::chrono::steady_clock::now();
  for (;;) {
    take();
    // Seconds that were slept through are left out.
    next = std::max(next + 1s, std::chrono::steady_clock::now());
    std::unique_lock lock{mutex_};
    if (ending_.wait_until(lock, next, [this] { return ends_; })) return;
  }
}

void Sampler::take() {
  Sample sample;
  const WallTime now = clock_.wall();
  // A clock that was set back does not hide what is new.
  last_at_ = std::max(static_cast<std::int64_t>(seconds_of(now)), last_at_ + 1);
  sample.at = last_at_;
  look_at_workers(sample);
  look_at_counts(sample);
  const metrics::Distribution times = stanza_times();
  sample[Figure::stanzas_timed] = static_cast<std::int64_t>(times.count());
  look_at_process(sample);
  look_at_pools(sample);
  history_.add(sample, times);
  metrics_.slow_events().time_passes(now);
}

void Sampler::look_at_workers(Sample& sample) {
  std::vector<WorkerSample> all;
  all.reserve(asked_.size());
  for (std::size_t i = 0; i < asked_.size(); ++i) {
    all.push_back(look_at(i, sample.at));
    ask(i);
  }
  for (const Figure figure :
       {Figure::sessions, Figure::detached, Figure::connections, Figure::strangers, Figure::lag_us})
    sample[figure] = 0;
  for (const WorkerSample& worker : all) {
    sample[Figure::sessions] += worker.sessions;
    sample[Figure::detached] += worker.detached;
    sample[Figure::connections] += worker.connections;
    sample[Figure::strangers] += worker.strangers;
    sample[Figure::lag_us] = std::max<std::int64_t>(sample[Figure::lag_us], worker.lag_us);
  }
  const std::lock_guard lock{mutex_};
  for (const WorkerSample& worker : all) workers_.push_back(worker);
  while (workers_.size() > most_worker_samples) workers_.pop_front();
}

// What it told since it was looked at last. Of one that does not answer, how long it has not.
WorkerSample Sampler::look_at(std::size_t worker, std::int64_t at) {
  Asked& asked = asked_[worker];
  Told& told = *asked.told;
  const std::lock_guard lock{told.mutex};
  WorkerSample sample{.at = at,
                      .worker = static_cast<std::uint32_t>(worker),
                      .sessions = static_cast<std::uint32_t>(told.sessions),
                      .detached = static_cast<std::uint32_t>(told.detached),
                      .connections = static_cast<std::uint32_t>(told.connections),
                      .strangers = static_cast<std::uint32_t>(told.strangers)};
  if (told.awaited) {
    sample.lag_us = micros(clock_.steady() - told.asked);
    return sample;
  }
  sample.lag_us = micros(told.lag);
  sample.mails = static_cast<std::uint32_t>(less(told.mails, std::exchange(asked.mails, told.mails)));
  sample.most_mails = static_cast<std::uint32_t>(told.most_mails);
  const auto cpu = told.cpu - std::exchange(asked.cpu, told.cpu);
  const auto time = told.answered - std::exchange(asked.answered, told.answered);
  sample.busy = std::clamp(share(cpu, time), 0, 1000);
  return sample;
}

void Sampler::ask(std::size_t worker) {
  const std::shared_ptr<Told> told = asked_[worker].told;
  {
    const std::lock_guard lock{told->mutex};
    if (told->awaited) return;
    told->awaited = true;
    told->asked = clock_.steady();
  }
  const Hall& hall = *halls_[worker];
  const C2sService& service = *services_[worker];
  hall.worker.call([told, &hall, &service] {
    const Worker::MailCounts mail = hall.worker.mail_counts();
    const std::lock_guard lock{told->mutex};
    told->awaited = false;
    told->answered = hall.worker.clock().steady();
    told->lag = told->answered - told->asked;
    told->cpu = cpu_time_of_thread();
    told->mails = mail.opened;
    told->most_mails = mail.most_at_once;
    told->sessions = hall.sessions.size();
    told->detached = hall.detached;
    told->connections = service.streams();
    told->strangers = service.strangers();
  });
}

void Sampler::look_at_counts(Sample& sample) {
  for (const Source& source : sources) {
    const std::int64_t now = number_of(metrics_.total(source.event, source.measurement));
    sample[source.figure] = followed_[static_cast<std::size_t>(source.figure)].since_last(now);
  }
}

metrics::Distribution Sampler::stanza_times() {
  metrics::Distribution since;
  const metrics::Reading reading = metrics_.total("c2s_message_processed", "time");
  const auto* const now = std::get_if<metrics::Distribution>(&reading);
  if (now == nullptr) return since;
  for (std::size_t i = 0; i < since.in_bucket.size(); ++i)
    since.in_bucket[i] = less(now->in_bucket[i], times_.in_bucket[i]);
  since.sum = less(now->sum, times_.sum);
  times_ = *now;
  return since;
}

void Sampler::look_at_process(Sample& sample) {
  sample[Figure::memory] = static_cast<std::int64_t>(resident_memory());
  put(sample, Figure::heap, heap_memory());
  const SteadyTime now = clock_.steady();
  const auto cpu = cpu_time_of_process();
  const auto used = cpu - std::exchange(cpu_, cpu);
  const auto time = now - std::exchange(last_look_, now);
  if (history_.since(0, Every::second, 1).empty()) return;  // nothing to compare with
  sample[Figure::cpu] = share(used, time);
}

void Sampler::look_at_pools(Sample& sample) {
  std::int64_t calls = 0;
  std::int64_t failures = 0;
  std::int64_t queued = 0;
  std::int64_t under_way = 0;
  for (const OutgoingPools::Listed& listed : pools_.listed()) {
    const PoolEvents& events = listed.pool->events();
    calls += static_cast<std::int64_t>(events.times(PoolEvent::called));
    for (const PoolEvent event : {PoolEvent::failed, PoolEvent::timed_out, PoolEvent::refused})
      failures += static_cast<std::int64_t>(events.times(event));
    queued += static_cast<std::int64_t>(listed.pool->queued());
    for (const PoolWorkerState& state : listed.pool->workers()) under_way += static_cast<std::int64_t>(state.under_way);
  }
  sample[Figure::pool_calls] = followed_[static_cast<std::size_t>(Figure::pool_calls)].since_last(calls);
  sample[Figure::pool_failures] = followed_[static_cast<std::size_t>(Figure::pool_failures)].since_last(failures);
  sample[Figure::pool_queued] = queued;
  sample[Figure::pool_under_way] = under_way;
}

std::vector<WorkerSample> Sampler::workers_since(std::optional<std::int64_t> at) const {
  const std::lock_guard lock{mutex_};
  if (workers_.empty()) return {};
  const std::int64_t after = at ? *at : workers_.back().at - 1;
  const auto first = std::ranges::upper_bound(workers_, after, {}, &WorkerSample::at);
  return {first, workers_.end()};
}

}  // namespace meerkat::admin
