// SPDX-License-Identifier: Apache-2.0
// What an HTTP listener is told by the configuration.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "core/http_handler_entry.h"
#include "core/limits/connection_limits.h"
#include "net/http_site.h"
#include "net/listener.h"
#include "net/tls_context.h"

namespace meerkat {

// One [[listen.http]]; shared by all workers, immutable.
struct HttpOptions {
  ListenAddress address;
  // Each connection begins with a header of the PROXY protocol.
  bool proxy_protocol = false;
  // How many connections there are and may be.
  std::uint32_t most_connections = no_limit;
  std::shared_ptr<ListenerLoad> load = std::make_shared<ListenerLoad>();
  // One per worker, by its index; empty without TLS.
  std::vector<std::shared_ptr<const TlsContext>> tls_contexts;
  HttpRules rules;
  std::vector<std::shared_ptr<const ConfiguredHttpHandler>> handlers;
};

}  // namespace meerkat
