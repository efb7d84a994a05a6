// SPDX-License-Identifier: Apache-2.0
// What one listener serves on one worker: which handler answers what, and the rules for its connections.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "net/http_handler.h"
#include "net/http_head.h"
#include "net/http_path.h"

namespace meerkat {

struct HttpRules {
  HttpLimits limits;
  // For the head of a request, from its first byte or from the beginning of the connection; and how often it is looked
  // whether a body comes, and an answer goes, at least that fast.
  std::chrono::milliseconds request_time{10000};
  std::size_t slowest = 500;  // bytes per second
  // Between two requests.
  std::chrono::milliseconds idle_time{60000};
  // For the peer to close its end, when we have closed ours.
  std::chrono::milliseconds closing_time{5000};
  bool compress = false;
  std::string server_name = "Meerkat";  // empty: it is not told
};

// A handler at its place.
struct HttpRoute {
  std::string host;  // in lower case; "_": any
  HttpPathPattern path;
  std::shared_ptr<HttpHandler> handler;
};

// Used on one worker. Its connections share it; another configuration changes what is in it.
class HttpSite {
 public:
  explicit HttpSite(HttpRules rules) : rules_(std::move(rules)) {}

  const HttpRules& rules() const { return rules_; }
  void change(HttpRules rules, std::vector<HttpRoute> routes);
  // Connections end behind the answers that are under way.
  void close() { closed_ = true; }
  bool is_closed() const { return closed_; }

  struct Found {
    std::shared_ptr<HttpHandler> handler;
    HttpPathPattern::Match match;
  };
  // The handler is null when nobody answers there. The closest path goes first; of two the one that names the host.
  Found find(std::string_view host, std::string_view path) const;

 private:
  HttpRules rules_;
  std::vector<HttpRoute> routes_;
  bool closed_ = false;
};

}  // namespace meerkat
