// SPDX-License-Identifier: Apache-2.0
#include "server/pool_metrics.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>

#include "base/metrics/counted.h"
#include "store/amqp/client.h"

namespace meerkat {
namespace {

using metrics::Event;
using metrics::Measurement;
using metrics::Series;
using enum metrics::Kind;
using Listed = OutgoingPools::Listed;

// An event of pools of host types, and its twin for those that all share: one name has the same labels everywhere.
struct Twins {
  Event of_host_type;
  Event global;

  Series bind(metrics::Registry& registry, const Listed& pool) const {
    if (pool.host_type.empty()) return {registry, global, {pool.tag}};
    return {registry, of_host_type, {pool.host_type, pool.tag}};
  }
};

constexpr Event queue_lengths{.name = "wpool_queue_lengths",
                              .sentence = "Calls that no worker of a pool has begun with.",
                              .labels = {"host_type", "pool_tag", "pool_type"},
                              .measurements = {{"total", gauge}}};
constexpr Event global_queue_lengths{.name = "wpool_global_queue_lengths",
                                     .sentence = "Calls that no worker of a pool has begun with.",
                                     .labels = {"pool_tag", "pool_type"},
                                     .measurements = {{"total", gauge}}};

// What has no source has no value: the libraries of databases keep their sockets to themselves.
constexpr Event rdbms_stats{.name = "wpool_rdbms_stats",
                            .sentence = "Connections to a database.",
                            .labels = {"host_type", "pool_tag"},
                            .measurements = {{"workers", gauge},
                                             {"recv_oct", gauge},
                                             {"recv_cnt", gauge},
                                             {"recv_max", gauge},
                                             {"send_oct", gauge},
                                             {"send_max", gauge},
                                             {"send_cnt", gauge},
                                             {"send_pend", gauge}}};
constexpr Event rabbit_connections{
    .name = "wpool_rabbit_connections",
    .sentence = "Connections to a message broker.",
    .labels = {"host_type", "pool_tag"},
    .measurements = {{"active", counter}, {"opened", spiral}, {"closed", spiral}, {"failed", spiral}}};
constexpr Event rabbit_published{
    .name = "wpool_rabbit_messages_published",
    .sentence = "Messages that a broker has taken, or has not.",
    .labels = {"host_type", "pool_tag"},
    .measurements = {
        {"count", spiral}, {"failed", spiral}, {"timeout", spiral}, {"time", histogram}, {"size", histogram}}};

constexpr Event global_twin(const Event& event, std::string_view name) {
  Event twin = event;
  twin.name = name;
  twin.labels[0] = "pool_tag";
  twin.labels[1] = {};
  return twin;
}

constexpr Twins stats_of_rdbms{rdbms_stats, global_twin(rdbms_stats, "wpool_global_rdbms_stats")};
constexpr Twins connections_of_rabbit{rabbit_connections,
                                      global_twin(rabbit_connections, "wpool_global_rabbit_connections")};
constexpr Twins published_by_rabbit{rabbit_published,
                                    global_twin(rabbit_published, "wpool_global_rabbit_messages_published")};

// Every call here is a prepared statement or a transaction of them.
Event calls_of(std::string_view name) {
  return {.name = name,
          .sentence = "A database was asked.",
          .labels = {"function"},
          .measurements = {{"count", spiral}, {"time", histogram}}};
}

std::size_t connected(const OutgoingPool& pool) {
  const auto states = pool.workers();
  return static_cast<std::size_t>(std::ranges::count(states, PoolWorkerStatus::up, &PoolWorkerState::status));
}

// A spiral that follows what somebody else counts.
class Following {
 public:
  Following(const Series& series, std::string_view measurement) : spiral_(series.spiral(measurement)) {}
  void reaches(std::uint64_t times) {
    spiral_.add(times - seen_);
    seen_ = times;
  }

 private:
  const metrics::Spiral spiral_;
  std::uint64_t seen_ = 0;
};

class RdbmsStats {
 public:
  explicit RdbmsStats(Series series) : series_(std::move(series)), workers_(series_.gauge("workers")) {}

  void look(const OutgoingPool& pool) { workers_.set(static_cast<std::int64_t>(connected(pool))); }

 private:
  Series series_;
  metrics::Gauge workers_;
};

class RabbitConnections {
 public:
  explicit RabbitConnections(Series series)
      : series_(std::move(series)),
        active_(series_.counter("active")),
        opened_(series_, "opened"),
        closed_(series_, "closed"),
        failed_(series_, "failed") {}

  void look(const OutgoingPool& pool) {
    const auto now = static_cast<std::int64_t>(connected(pool));
    active_.add(now - active_now_);
    active_now_ = now;
    opened_.reaches(pool.events().times(PoolEvent::connected));
    closed_.reaches(pool.events().times(PoolEvent::disconnected));
    failed_.reaches(pool.events().times(PoolEvent::connect_failed));
  }

 private:
  Series series_;
  metrics::Counter active_;
  std::int64_t active_now_ = 0;
  Following opened_, closed_, failed_;
};

}  // namespace

class PoolMetrics::Watched {
 public:
  Watched(metrics::Registry& registry, const Listed& pool)
      : pool_(*pool.pool),
        lengths_(pool.host_type.empty() ? Series{registry, global_queue_lengths, {pool.tag, pool.kind}}
                                        : Series{registry, queue_lengths, {pool.host_type, pool.tag, pool.kind}}),
        length_(lengths_.gauge("total")) {
    if (pool.kind == "rdbms") rdbms_.emplace(stats_of_rdbms.bind(registry, pool));
    if (pool.kind == "rabbit") rabbit_.emplace(connections_of_rabbit.bind(registry, pool));
  }

  void look() {
    length_.set(static_cast<std::int64_t>(pool_.queued()));
    if (rdbms_) rdbms_->look(pool_);
    if (rabbit_) rabbit_->look(pool_);
  }

 private:
  const OutgoingPool& pool_;
  const Series lengths_;
  const metrics::Gauge length_;
  std::optional<RdbmsStats> rdbms_;
  std::optional<RabbitConnections> rabbit_;
};

PoolMetrics::PoolMetrics(metrics::Registry& registry) : registry_(registry), probe_(registry, [this] { look(); }) {}

PoolMetrics::~PoolMetrics() = default;

void PoolMetrics::watch(const Listed& pool, std::string_view driver) {
  {
    auto watched = std::make_unique<Watched>(registry_, pool);
    const std::lock_guard lock{mutex_};
    watched_.push_back(std::move(watched));
  }
  pool.pool->tell_slow_calls(registry_.slow_events());
  if (driver.empty()) return;
  const std::string name = "mongoose_rdbms_" + std::string{driver};
  pool.pool->measure_calls({registry_, calls_of(name), {"execute"}});
}

void PoolMetrics::watch_rabbit(const Listed& pool, amqp::Client& client) {
  watch(pool);
  client.measure(published_by_rabbit.bind(registry_, pool));
}

void PoolMetrics::look() {
  const std::lock_guard lock{mutex_};
  for (const auto& each : watched_) each->look();
}

}  // namespace meerkat
