// SPDX-License-Identifier: Apache-2.0
// [outgoing_pools.elastic.*]: Elasticsearch or OpenSearch. MongooseIM knows host and port; logging in and TLS are ours.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "config/section.h"
#include "net/tls_client_section.h"
#include "store/http/options.h"
#include "store/pool/pool_options.h"

namespace meerkat::elastic {

struct Connection {
  std::string host = "localhost";
  std::uint16_t port = 9200;
  std::optional<std::string> username, password;
  std::optional<TlsClientSettings> tls;
};

struct ElasticPoolOptions {
  PoolOptions pool;
  Connection connection;
};

config::Section<ElasticPoolOptions> elastic_pool_section();

// The pool of HTTP connections that does it.
http::HttpPoolOptions http_options(const ElasticPoolOptions& options);

}  // namespace meerkat::elastic
