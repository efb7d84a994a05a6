// SPDX-License-Identifier: Apache-2.0
// [outgoing_pools.cassandra.*]: where the Cassandra is, and how to log in.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "config/section.h"
#include "net/tls_client_section.h"
#include "store/pool/pool_options.h"

namespace meerkat {

struct CassandraServer {
  std::string host = "localhost";
  std::uint16_t port = 9042;

  std::string text() const { return host + ":" + std::to_string(port); }
  friend bool operator==(const CassandraServer&, const CassandraServer&) = default;
};

struct CassandraAuth {
  struct Plain {
    std::string username, password;
  };
  std::optional<Plain> plain;
};

struct CassandraConnection {
  std::vector<CassandraServer> servers;  // empty: the default server alone
  std::string keyspace = "mongooseim";
  CassandraAuth auth;
  std::optional<TlsClientSettings> tls;
};

struct CassandraPoolOptions {
  PoolOptions pool{.workers = 20};
  CassandraConnection connection;
};

// 20 workers unless the file says something else.
config::Section<CassandraPoolOptions> cassandra_pool_section();

}  // namespace meerkat
