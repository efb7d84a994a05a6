// SPDX-License-Identifier: Apache-2.0
#include "server/health_handler.h"

#include <algorithm>
#include <string>
#include <utility>

#include "base/json_text.h"
#include "core/hall.h"
#include "store/pool/outgoing_pool.h"
#include "store/pool/outgoing_pools.h"

namespace meerkat {
namespace {

constexpr std::string_view kind = "meerkat_health_handler";

struct HealthOptions {
  HealthQuestion tells = HealthQuestion::ready;
  friend bool operator==(const HealthOptions&, const HealthOptions&) = default;
};

class HealthHandler final : public HttpHandler {
 public:
  HealthHandler(const HttpPlace& place, std::shared_ptr<const HealthOptions> options)
      : place_(place), options_(std::move(options)) {}

  std::size_t largest_body() const override { return 0; }
  // Who answers at all is alive.
  Task<HttpResponse> answer(const HttpRequest&) override {
    HttpResponse response =
        options_->tells == HealthQuestion::alive ? HttpResponse::json(200, "{\"alive\":true}\n") : readiness();
    response.headers.add("Cache-Control", "no-store");
    co_return response;
  }

 private:
  // The kinds of pools without their names: enough to know whom to wake up.
  std::vector<std::string> missing() const {
    std::vector<std::string> kinds;
    if (place_.stopping != nullptr && place_.stopping->load(std::memory_order_relaxed)) kinds.emplace_back("stopping");
    for (const OutgoingPools::Listed& pool : place_.hall.pools->listed())
      if (!pool.pool->available() && std::ranges::find(kinds, pool.kind) == kinds.end()) kinds.push_back(pool.kind);
    return kinds;
  }
  HttpResponse readiness() const {
    std::string list;
    for (const std::string& what : missing()) list += (list.empty() ? "" : ",") + json_string(what);
    if (list.empty()) return HttpResponse::json(200, "{\"ready\":true}\n");
    return HttpResponse::json(503, "{\"ready\":false,\"missing\":[" + list + "]}\n");
  }

  const HttpPlace place_;
  const std::shared_ptr<const HealthOptions> options_;
};

}  // namespace

HttpHandlerEntry health_handler() {
  using S = HealthOptions;
  return http_handler_entry<HealthHandler>(
      kind, config::Section<S>{kind, "Tells load balancers and those who restart servers how this one is."}.option(
                "tells", &S::tells,
                "`alive`: 200 as soon as the server answers at all. `ready`: 200 when clients can be served, or 503 "
                "with the kinds of outgoing pools that are not connected, or because the server stops."));
}

std::vector<std::shared_ptr<const ConfiguredHttpHandler>> health_handlers() {
  return {http_handler_at<HealthHandler>(kind, {"_", "/healthz"}, HealthOptions{HealthQuestion::alive}),
          http_handler_at<HealthHandler>(kind, {"_", "/readyz"}, HealthOptions{HealthQuestion::ready})};
}

}  // namespace meerkat
