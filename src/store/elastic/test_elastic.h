// SPDX-License-Identifier: Apache-2.0
// Test support: a client of a search service that runs for a test.
#pragma once

#include <chrono>
#include <string_view>

#include "store/elastic/client.h"
#include "store/elastic/options.h"
#include "store/test_service.h"

namespace meerkat::elastic {

inline ElasticPoolOptions options_for(const LiveService& service) {
  ElasticPoolOptions options;
  options.pool.workers = 2;
  options.connection.host = "127.0.0.1";
  options.connection.port = service.port();
  return options;
}

inline bool is_up_soon(Client& client) {
  return client.pool().wait_until_connected(std::chrono::steady_clock::now() + std::chrono::seconds{10});
}

inline constexpr std::string_view everything = R"({"query":{"match_all":{}}})";

}  // namespace meerkat::elastic
