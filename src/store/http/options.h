// SPDX-License-Identifier: Apache-2.0
// [outgoing_pools.http.*]: a web service, with MongooseIM's keys and defaults.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "config/section.h"
#include "net/tls_client_section.h"
#include "store/pool/pool_options.h"

namespace meerkat::http {

struct Connection {
  std::string host;  // "http[s]://name[:port]"
  std::string path_prefix = "/";
  std::chrono::milliseconds request_timeout{2000};
  std::optional<TlsClientSettings> tls;
};

struct HttpPoolOptions {
  PoolOptions pool;
  Connection connection;
};

config::Section<HttpPoolOptions> http_pool_section();

// What `Connection::host` says.
struct Origin {
  bool tls = false;
  std::string name;  // an IPv6 address without its brackets
  std::uint16_t port = 0;

  // As it stands in a URL and in the header Host: "example.org:8080", "[::1]:80".
  std::string authority() const;
};

// Nothing when it is not of that form.
std::optional<Origin> read_origin(std::string_view text);

}  // namespace meerkat::http
