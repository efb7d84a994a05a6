// SPDX-License-Identifier: Apache-2.0
// What the tables of each kind of listener say to those who serve there.
#include <algorithm>

#include "admin/window/page_handler.h"
#include "server/health_handler.h"
#include "server/ports.h"

namespace meerkat {
namespace {

constexpr std::uint64_t largest_stanza = 64u << 20;

template <class Options>
void set_place(Options& options, const ListenPlace& place, std::uint32_t most_connections) {
  options.address = place.address();
  options.proxy_protocol = place.proxy_protocol;
  options.most_connections = most_connections;
  options.load->most = most_connections;
}

}  // namespace

std::expected<C2sOptions, std::string> C2sPorts::options(const Settings& listener, const PortSurroundings& around) {
  const GeneralSettings& general = around.settings.general;
  C2sOptions options;
  set_place(options, listener.place, listener.max_connections.value_or(no_limit));
  options.limits.bytes = static_cast<std::uint32_t>(
      std::min<std::uint64_t>(listener.max_stanza_size.value_or(config::Bytes{largest_stanza}).count, largest_stanza));
  options.state_timeout = listener.state_timeout.value_or(std::chrono::milliseconds{0});
  options.backwards_compatible_session = listener.backwards_compatible_session;
  options.default_domain = general.default_server_domain;
  options.language = general.language;
  options.access = listener.access;
  options.allowed_auth_methods = listener.allowed_auth_methods;
  options.shaper = listener.shaper;
  options.fake_salt_secret = around.fake_salt_secret;
  if (listener.tls) options.tls_mode = listener.tls->mode;
  return options;
}

std::expected<HttpOptions, std::string> HttpPorts::options(const Settings& listener, const PortSurroundings& around) {
  HttpOptions options;
  set_place(options, listener.place, listener.transport.max_connections.value_or(no_limit));
  options.rules.request_time = listener.protocol.request_timeout;
  options.rules.idle_time = listener.protocol.idle_timeout;
  options.rules.compress = listener.protocol.compress;
  options.rules.server_name = around.settings.general.http_server_name;
  options.handlers.assign(listener.handlers.all.begin(), listener.handlers.all.end());
  const auto health = health_handlers();
  const bool has_health = std::ranges::any_of(
      options.handlers, [&](const auto& handler) { return handler->name() == health.front()->name(); });
  // The page's own port tells strangers nothing, not even that.
  const bool is_page = options.handlers.size() == 1 && is_admin_page_at_root(*options.handlers.front());
  if (!has_health && !is_page) options.handlers.insert(options.handlers.end(), health.begin(), health.end());
  return options;
}

}  // namespace meerkat
