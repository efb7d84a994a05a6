// SPDX-License-Identifier: Apache-2.0
// [outgoing_pools.redis.TAG]: where Redis is, and how it is talked to.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "config/section.h"
#include "net/tls_client_section.h"
#include "store/pool/pool_options.h"

namespace meerkat {

struct RedisConnection {
  std::string host = "127.0.0.1";
  std::uint16_t port = 6379;
  std::uint32_t database = 0;
  std::optional<std::string> username, password;  // an empty password is none
  std::optional<TlsClientSettings> tls;
};

struct RedisPoolOptions {
  PoolOptions pool;
  RedisConnection connection;
};

config::Section<RedisPoolOptions> redis_pool_section();

}  // namespace meerkat
