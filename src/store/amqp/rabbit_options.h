// SPDX-License-Identifier: Apache-2.0
// [outgoing_pools.rabbit.TAG]: connections to a message broker, with MongooseIM's keys and defaults.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "config/section.h"
#include "net/tls_client_section.h"
#include "store/pool/pool_options.h"

namespace meerkat::amqp {

struct Reconnect {
  std::chrono::milliseconds delay{2000};
};

struct RabbitConnection {
  std::string host = "localhost";
  std::uint16_t port = 5672;
  std::string username = "guest", password = "guest";
  std::string virtual_host = "/";
  bool confirms_enabled = false;
  config::Limit<std::uint32_t> max_worker_queue_len = 1000;
  Reconnect reconnect;
  std::optional<TlsClientSettings> tls;
};

struct RabbitPoolOptions {
  PoolOptions pool;
  RabbitConnection connection;
};

config::Section<RabbitPoolOptions> rabbit_pool_section();

}  // namespace meerkat::amqp
