// SPDX-License-Identifier: Apache-2.0
// A pool of connections to a message broker: [outgoing_pools.rabbit.TAG].
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "base/metrics/registry.h"
#include "runtime/task.h"
#include "store/amqp/message.h"
#include "store/amqp/rabbit_options.h"
#include "store/pool/outgoing_pool.h"

namespace meerkat::amqp {

// Series of wpool_rabbit_messages_published, or of its global twin.
struct PublishMetrics {
  explicit PublishMetrics(metrics::Series of)
      : series(std::move(of)),
        count(series.spiral("count")),
        failed(series.spiral("failed")),
        timed_out(series.spiral("timeout")),
        time(series.histogram("time")),
        size(series.histogram("size")) {}

  metrics::Series series;
  metrics::Spiral count;
  metrics::Spiral failed;  // nacked, or the channel was closed
  metrics::Spiral timed_out;
  metrics::Histogram time;
  metrics::Histogram size;
};

// What the events of the pool do not say. Of messages that were taken; any thread.
struct PublishFigures {
  PoolLatency time;                         // from the first byte to the confirmation
  std::atomic<std::uint64_t> bytes{0};      // with their properties
  std::atomic<std::uint64_t> exchanges{0};  // that were declared: calls as well
  // How often the broker closed a channel. Without confirmations it is all that tells of a message that was lost.
  std::atomic<std::uint64_t> channels_closed{0};
  // The same for monitors, when somebody wants it.
  std::optional<PublishMetrics> metrics;
};

// Any worker; calls answer on the worker that asks. Throws Unavailable when the broker cannot be reached or is silent,
// and NotTaken when it has answered. A message is never sent twice.
class Client {
 public:
  // Connects in the background. `name` is for log lines: "rabbit.event_pusher".
  Client(std::string name, const RabbitPoolOptions& options);

  // Returns when the broker has taken it; without confirmations, when it is written.
  Task<> publish(Message message);
  // Returns when it is there. One of the same name with other properties is refused.
  Task<> declare(Exchange exchange);

  OutgoingPool& pool() { return pool_; }
  const PublishFigures& figures() const { return figures_; }
  // Before the first message.
  void measure(metrics::Series published) { figures_.metrics.emplace(std::move(published)); }

 private:
  const RabbitConnection connection_;
  PublishFigures figures_;
  OutgoingPool pool_;
};

std::shared_ptr<Client> open_rabbit(std::string name, const RabbitPoolOptions& options);

}  // namespace meerkat::amqp
