// SPDX-License-Identifier: Apache-2.0
// Pools as monitors see them: how long their queues are, their connections, what went through them.
#pragma once

#include <memory>
#include <mutex>
#include <string_view>
#include <vector>

#include "base/metrics/registry.h"
#include "store/pool/outgoing_pools.h"

namespace meerkat {

// Made before the pools are used, and gone before they are. Any thread. What pools count themselves is looked at
// whenever somebody reads.
class PoolMetrics {
 public:
  explicit PoolMetrics(metrics::Registry& registry);
  ~PoolMetrics();

  // A pool that nobody has called yet. `driver` is that of a pool of rdbms: "pgsql".
  void watch(const OutgoingPools::Listed& pool, std::string_view driver = {});
  void watch_rabbit(const OutgoingPools::Listed& pool, amqp::Client& client);

 private:
  class Watched;
  void look();

  metrics::Registry& registry_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Watched>> watched_;
  const metrics::Probe probe_;
};

}  // namespace meerkat
