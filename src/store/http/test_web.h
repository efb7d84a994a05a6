// SPDX-License-Identifier: Apache-2.0
// Test support: pools of http clients, and what a test web service was asked.
#pragma once

#include <chrono>
#include <string>
#include <utility>

#include "store/http/client.h"
#include "store/sql/test_house.h"
#include "store/test_service.h"

namespace meerkat::http {

// Few workers, quick to try again.
inline HttpPoolOptions test_options(std::string host) {
  HttpPoolOptions options;
  options.pool.workers = 1;
  options.connection.host = std::move(host);
  return options;
}

inline HttpPoolOptions plain_options(const LiveService& web) {
  return test_options("http://127.0.0.1:" + web.port_text());
}

// With the authority that has signed the certificate of this kind (services/tls_files.py).
inline HttpPoolOptions tls_pool_options(const LiveService& web, const std::string& kind = "good") {
  HttpPoolOptions options = test_options("https://localhost:" + web.port_text());
  options.connection.tls.emplace().cacertfile = web.directory() / ("tls-" + kind) / "authority.pem";
  return options;
}

inline bool is_up_soon(Client& client, std::chrono::seconds patience = std::chrono::seconds{10}) {
  return client.pool().wait_until_connected(std::chrono::steady_clock::now() + patience);
}

// How often the text stands in what the service was asked.
inline int times_asked(LiveService& web, const std::string& text) {
  const std::string requests = web.tell("call requests");
  int times = 0;
  for (auto at = requests.find(text); at != std::string::npos; at = requests.find(text, at + 1)) ++times;
  return times;
}

}  // namespace meerkat::http
