// SPDX-License-Identifier: Apache-2.0
#include "net/http_site.h"

#include <utility>

namespace meerkat {

void HttpSite::change(HttpRules rules, std::vector<HttpRoute> routes) {
  rules_ = std::move(rules);
  routes_ = std::move(routes);
}

HttpSite::Found HttpSite::find(std::string_view host, std::string_view path) const {
  const HttpRoute* closest = nullptr;
  for (const HttpRoute& route : routes_) {
    const bool is_named = route.host != "_";
    if ((is_named && route.host != host) || !route.path.match(path)) continue;
    const bool goes_first = closest == nullptr || route.path.is_closer_than(closest->path) ||
                            (is_named && closest->host == "_" && !closest->path.is_closer_than(route.path));
    if (goes_first) closest = &route;
  }
  if (closest == nullptr) return {};
  return {closest->handler, *closest->path.match(path)};
}

}  // namespace meerkat
