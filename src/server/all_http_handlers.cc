// SPDX-License-Identifier: Apache-2.0
#include "server/all_http_handlers.h"

#include "admin/prometheus_handler.h"
#include "admin/window/page_handler.h"
#include "server/health_handler.h"

namespace meerkat {

std::vector<HttpHandlerEntry> all_http_handlers() {
  return {health_handler(), admin::prometheus_handler(), admin_page_handler()};
}

std::span<const OtherHttpHandler> other_http_handlers() {
  static constexpr OtherHttpHandler others[] = {
      {"mongoose_bosh_handler", "BOSH is not served yet."},
      {"mongoose_websocket_handler", "WebSocket is not served yet."},
      {"mongoose_graphql_handler", "GraphQL is not served yet."},
      // Gone from MongooseIM itself, but still in files that began with an old version.
      {"mod_bosh", "It is called mongoose_bosh_handler now, and is not served yet."},
      {"mod_websockets", "It is called mongoose_websocket_handler now, and is not served yet."},
      {"mongoose_admin_api", "It was part of MongooseIM once; commands come through a private socket."},
      {"mongoose_client_api", "It was part of MongooseIM once."},
      {"mongoose_api", "It was part of MongooseIM once; commands come through a private socket."},
      {"mongoose_api_admin", "It was part of MongooseIM once; commands come through a private socket."},
      {"mongoose_api_client", "It was part of MongooseIM once."},
      {"mongoose_domain_handler", "It was part of MongooseIM once."},
      {"cowboy_swagger", "It was part of MongooseIM once."},
  };
  return others;
}

}  // namespace meerkat
