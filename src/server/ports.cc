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
                                         const PortSurroundings& around, std::shared_ptr<TlsTicketKeys> tickets) {
  options.tls_mode = settings.mode;
  const auto tls = certified(settings, around.settings, around.clock);
  if (!tls) return std::unexpected(tls.error());
  auto contexts = tls_contexts(*tls, around.workers, tls->session_tickets ? std::move(tickets) : nullptr);
  if (!contexts) return std::unexpected(contexts.error());
  options.tls_contexts = std::move(*contexts);
  return {};
}

}  // namespace

Port::~Port() {
  for (const int descriptor : descriptors)
    if (descriptor >= 0) ::close(descriptor);
}

std::expected<C2sOptions, std::string> c2s_options(const C2sListenSettings& listener, const PortSurroundings& around,
                                                   std::shared_ptr<TlsTicketKeys> tickets) {
  const Settings& settings = around.settings;
  C2sOptions options;
  options.address = {
      .ip = listener.listen_address(), .port = listener.port, .backlog = static_cast<int>(listener.backlog)};
  options.limits.bytes = static_cast<std::uint32_t>(
      std::min<std::uint64_t>(listener.max_stanza_size.value_or(config::Bytes{largest_stanza}).count, largest_stanza));
  options.proxy_protocol = listener.proxy_protocol;
  options.most_connections = listener.max_connections.value_or(no_limit);
  options.load->most = options.most_connections;
  options.state_timeout = listener.state_timeout.value_or(std::chrono::milliseconds{0});
  options.backwards_compatible_session = listener.backwards_compatible_session;
  options.default_domain = settings.general.default_server_domain;
  options.language = settings.general.language;
  options.access = listener.access;
  options.allowed_auth_methods = listener.allowed_auth_methods;
  options.shaper = listener.shaper;
  options.fake_salt_secret = around.fake_salt_secret;
  if (listener.tls)
    if (auto added = add_tls(options, *listener.tls, around, std::move(tickets)); !added)
      return std::unexpected(added.error());
  return options;
}

std::expected<C2sOptions, std::string> changed_options(const Port& port, const C2sListenSettings& listener,
                                                       const PortSurroundings& around) {
  auto options = c2s_options(listener, around, port.tickets);
  if (!options) return options;
  options->address.port = port.options->address.port;
  options->load = port.options->load;  // those who are there count, whatever their options are
  return options;
}

std::vector<std::filesystem::path> tls_files(const C2sListenSettings& listener, const PortSurroundings& around) {
  if (!listener.tls) return {};
  const auto tls = certified(*listener.tls, around.settings, around.clock);
  if (!tls) return {};
  std::vector<std::filesystem::path> files{tls->certfile, tls->keyfile, tls->cacertfile, tls->dhfile};
  files.insert(files.end(), tls->crl_files.begin(), tls->crl_files.end());
  for (const TlsOptions::DomainCertificate& domain : tls->domains) {
    files.push_back(domain.certfile);
    files.push_back(domain.keyfile);
  }
  std::erase_if(files, [](const std::filesystem::path& file) { return file.empty(); });
  return files;
}

std::string address_line(const C2sOptions& options) {
  return fmt::format("{} {}:{}", options.tls_mode == TlsMode::tls ? "c2s-tls" : "c2s", options.address.ip,
                     options.address.port);
}

std::string listener_id(const C2sOptions& options) {
  return fmt::format("{}@tcp/{}", options.address.ip, options.address.port);
}

std::expected<Port, std::string> open_port(const C2sListenSettings& listener, const PortSurroundings& around) {
  Port port;
  port.settings = listener;
  port.files = FileWatch{tls_files(listener, around)};
  port.tickets = std::make_shared<TlsTicketKeys>(around.clock);
  auto options = c2s_options(listener, around, port.tickets);
  if (!options) return std::unexpected(options.error());
  if (around.inherited != nullptr) port.descriptors = around.inherited->take(options->address, around.workers);
  if (port.descriptors.empty() && std::ranges::find(around.own_ports, options->address.port) == around.own_ports.end())
    if (const auto free = port_is_free(options->address); !free) return std::unexpected(free.error());
  while (port.descriptors.size() < around.workers) {
    const auto descriptor = open_listening_socket(options->address);
    if (!descriptor) return std::unexpected(descriptor.error());
    port.descriptors.push_back(*descriptor);
    options->address.port = port_of(*descriptor);
  }
  port.address = address_line(*options);
  port.options = std::make_shared<const C2sOptions>(std::move(*options));
  return port;
}

}  // namespace meerkat
