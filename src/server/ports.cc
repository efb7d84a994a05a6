// SPDX-License-Identifier: Apache-2.0
#include "server/ports.h"

#include <unistd.h>

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "net/listener.h"
#include "server/certificates.h"

namespace meerkat {
namespace {

constexpr std::uint64_t largest_stanza = 64u << 20;

std::expected<void, std::string> add_tls(C2sOptions& options, const TlsSettings& settings,
                                         const PortSurroundings& around) {
  options.tls_mode = settings.mode;
  const auto tls = certified(settings, around.settings, around.clock);
  if (!tls) return std::unexpected(tls.error());
  auto tickets = tls->session_tickets ? std::make_shared<TlsTicketKeys>(around.clock) : nullptr;
  auto contexts = tls_contexts(*tls, around.workers, std::move(tickets));
  if (!contexts) return std::unexpected(contexts.error());
  options.tls_contexts = std::move(*contexts);
  return {};
}

}  // namespace

Port::~Port() {
  for (const int descriptor : descriptors)
    if (descriptor >= 0) ::close(descriptor);
}

std::expected<C2sOptions, std::string> c2s_options(const C2sListenSettings& listener, const PortSurroundings& around) {
  const Settings& settings = around.settings;
  C2sOptions options;
  options.address = {
      .ip = listener.listen_address(), .port = listener.port, .backlog = static_cast<int>(listener.backlog)};
  options.limits.bytes = static_cast<std::uint32_t>(
      std::min<std::uint64_t>(listener.max_stanza_size.value_or(config::Bytes{largest_stanza}).count, largest_stanza));
  options.proxy_protocol = listener.proxy_protocol;
  options.load->most = listener.max_connections.value_or(no_limit);
  options.state_timeout = listener.state_timeout.value_or(std::chrono::milliseconds{0});
  options.backwards_compatible_session = listener.backwards_compatible_session;
  options.default_domain = settings.general.default_server_domain;
  options.language = settings.general.language;
  options.access = listener.access;
  options.allowed_auth_methods = listener.allowed_auth_methods;
  options.shaper = listener.shaper;
  options.fake_salt_secret = around.fake_salt_secret;
  if (listener.tls)
    if (auto added = add_tls(options, *listener.tls, around); !added) return std::unexpected(added.error());
  return options;
}

std::expected<Port, std::string> open_port(const C2sListenSettings& listener, const PortSurroundings& around) {
  auto options = c2s_options(listener, around);
  if (!options) return std::unexpected(options.error());
  Port port;
  if (around.inherited != nullptr) port.descriptors = around.inherited->take(options->address, around.workers);
  if (port.descriptors.empty())
    if (const auto free = port_is_free(options->address); !free) return std::unexpected(free.error());
  while (port.descriptors.size() < around.workers) {
    const auto descriptor = open_listening_socket(options->address);
    if (!descriptor) return std::unexpected(descriptor.error());
    port.descriptors.push_back(*descriptor);
    options->address.port = port_of(*descriptor);
  }
  port.address = fmt::format("{} {}:{}", options->tls_mode == TlsMode::tls ? "c2s-tls" : "c2s", options->address.ip,
                             options->address.port);
  port.options = std::make_shared<const C2sOptions>(std::move(*options));
  return port;
}

}  // namespace meerkat
