// SPDX-License-Identifier: Apache-2.0
#include "server/ports.h"

#include <unistd.h>

#include <algorithm>
#include <concepts>
#include <filesystem>
#include <utility>

#include <fmt/format.h>

#include "base/log.h"
#include "net/listener.h"
#include "server/ask.h"
#include "server/certificates.h"

namespace meerkat {
namespace {

std::expected<TlsContexts, std::string> contexts_of(const TlsSettings& settings, const PortSurroundings& around,
                                                    std::shared_ptr<TlsTicketKeys> tickets) {
  const auto tls = certified(settings, around.settings, around.clock);
  if (!tls) return std::unexpected(tls.error());
  return tls_contexts(*tls, around.workers, tls->session_tickets ? std::move(tickets) : nullptr);
}

// Those that its certificates are read from.
FileWatch tls_files(const std::optional<TlsSettings>& settings, const PortSurroundings& around) {
  if (!settings) return {};
  const auto tls = certified(*settings, around.settings, around.clock);
  if (!tls) return {};
  std::vector<std::filesystem::path> files{tls->certfile, tls->keyfile, tls->cacertfile, tls->dhfile};
  files.insert(files.end(), tls->crl_files.begin(), tls->crl_files.end());
  for (const TlsOptions::DomainCertificate& domain : tls->domains) {
    files.push_back(domain.certfile);
    files.push_back(domain.keyfile);
  }
  std::erase_if(files, [](const std::filesystem::path& file) { return file.empty(); });
  return FileWatch{files};
}

// With certificates, which are read.
template <class Kind>
std::expected<typename Kind::Options, std::string> complete_options(const typename Kind::Settings& listener,
                                                                    const PortSurroundings& around,
                                                                    std::shared_ptr<TlsTicketKeys> tickets) {
  auto options = Kind::options(listener, around);
  if (!options || !listener.tls) return options;
  auto contexts = contexts_of(*listener.tls, around, std::move(tickets));
  if (!contexts) return std::unexpected(contexts.error());
  options->tls_contexts = std::move(*contexts);
  return options;
}

// Other options for a port that is open: they get its address, and what its listeners have in common. `port` itself is
// not changed.
template <class Kind>
std::expected<typename Kind::Options, std::string> changed_options(const Port<Kind>& port,
                                                                   const typename Kind::Settings& listener,
                                                                   const PortSurroundings& around) {
  auto options = complete_options<Kind>(listener, around, port.tickets);
  if (!options) return options;
  options->address.port = port.options->address.port;
  options->load = port.options->load;  // those who are there count, whatever their options are
  return options;
}

template <class Kind>
std::string address_line(const typename Kind::Options& options) {
  return fmt::format("{} {}:{}", Kind::word(options), options.address.ip, options.address.port);
}

std::string listener_id(const ListenAddress& address) { return fmt::format("{}@tcp/{}", address.ip, address.port); }

template <class Kind>
std::expected<Port<Kind>, std::string> open_port(const typename Kind::Settings& listener,
                                                 const PortSurroundings& around) {
  Port<Kind> port;
  port.settings = listener;
  port.files = tls_files(listener.tls, around);
  port.tickets = std::make_shared<TlsTicketKeys>(around.clock);
  auto options = complete_options<Kind>(listener, around, port.tickets);
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
  port.address = address_line<Kind>(*options);
  port.options = std::make_shared<const typename Kind::Options>(std::move(*options));
  return port;
}

// The first of them that nobody has taken yet; port 0 may be there more than once.
template <class Kind>
std::size_t find_same(const std::vector<Port<Kind>>& open, const std::vector<bool>& taken,
                      const typename Kind::Settings& listener) {
  for (std::size_t i = 0; i < open.size(); ++i)
    if (!taken[i] && open[i].settings.place.port == listener.place.port &&
        open[i].settings.place.ip_address == listener.place.ip_address)
      return i;
  return open.size();
}

}  // namespace

template <class Kind>
Port<Kind>::~Port() {
  for (const int descriptor : descriptors)
    if (descriptor >= 0) ::close(descriptor);
}

template <class Kind>
std::expected<void, std::string> Ports<Kind>::open(const PortSurroundings& around) {
  for (const auto& listener : Kind::listed(around.settings.listen)) {
    auto port = open_port<Kind>(listener, around);
    if (!port) return std::unexpected(port.error());
    ports_.push_back(std::move(*port));
  }
  return {};
}

template <class Kind>
void Ports<Kind>::hand_over() {
  for (Port<Kind>& port : ports_) hand_over(port);
}

// Every worker listens on its own socket.
template <class Kind>
void Ports<Kind>::hand_over(Port<Kind>& port) {
  for (std::size_t i = 0; i < services_.size(); ++i) {
    auto& service = *services_[i];
    const int descriptor = std::exchange(port.descriptors[i], -1);
    ask(service.hall.worker, [&] { return service.listen(descriptor, port.options), true; });
  }
  log_notice("listening", {{"address", port.address}});
}

template <class Kind>
auto Ports<Kind>::prepare(const PortSurroundings& around) const -> std::expected<Change, std::string> {
  Change change;
  std::vector<bool> taken(ports_.size());
  for (const auto& listener : Kind::listed(around.settings.listen)) {
    const std::size_t same = find_same<Kind>(ports_, taken, listener);
    if (same == ports_.size()) {
      auto port = open_port<Kind>(listener, around);
      if (!port) return std::unexpected(port.error());
      change.fresh.push_back(std::move(*port));
      continue;
    }
    taken[same] = true;
    FileWatch files = tls_files(listener.tls, around);
    auto options = changed_options<Kind>(ports_[same], listener, around);
    if (!options) return std::unexpected(options.error());
    change.kept.push_back({.which = same,
                           .settings = listener,
                           .options = std::make_shared<const typename Kind::Options>(std::move(*options)),
                           .files = std::move(files)});
  }
  for (std::size_t i = 0; i < ports_.size(); ++i)
    if (!taken[i]) change.gone.push_back(i);
  return change;
}

template <class Kind>
void Ports<Kind>::apply(Change change) {
  for (auto& kept : change.kept) {
    Port<Kind>& port = ports_[kept.which];
    port.settings = std::move(kept.settings);
    port.files = std::move(kept.files);
    put_in_place(port, std::move(kept.options));
  }
  for (const std::size_t which : change.gone) {
    const auto& options = *ports_[which].options;
    for (const auto& service : services_) ask(service->hall.worker, [&] { return service->close(options), true; });
    log_notice("listening_no_more", {{"address", ports_[which].address}});
  }
  for (Port<Kind>& port : change.fresh) hand_over(port);
  std::vector<Port<Kind>> next;
  for (std::size_t i = 0; i < ports_.size(); ++i)
    if (std::ranges::find(change.gone, i) == change.gone.end()) next.push_back(std::move(ports_[i]));
  for (Port<Kind>& port : change.fresh) next.push_back(std::move(port));
  ports_.swap(next);
}

// Who comes goes by the new options; `port` keeps the old ones alive until no worker looks at them.
template <class Kind>
void Ports<Kind>::put_in_place(Port<Kind>& port, std::shared_ptr<const typename Kind::Options> options) {
  const auto old = std::exchange(port.options, std::move(options));
  port.address = address_line<Kind>(*port.options);
  port.options->load->most = port.options->most_connections;
  for (const auto& service : services_)
    ask(service->hall.worker, [&] { return service->change(*old, port.options), true; });
}

template <class Kind>
bool Ports<Kind>::take_certificates(const PortSurroundings& around, WallTime now) {
  bool any = false;
  for (Port<Kind>& port : ports_)
    if (port.files.changed()) any = take_certificates(port, around, now) || any;
  return any;
}

template <class Kind>
bool Ports<Kind>::take_certificates(Port<Kind>& port, const PortSurroundings& around, WallTime now) {
  auto options = changed_options<Kind>(port, port.settings, around);
  if (!options) {
    log_error("certificate_refused",
              {{"listener", port.address}, {"error", options.error()}, {"now", "the old one is shown"}});
    return false;
  }
  put_in_place(port, std::make_shared<const typename Kind::Options>(std::move(*options)));
  for (const CertificateFacts& certificate : port.options->tls_contexts.front()->certificates())
    log_notice("certificate_taken", {{"listener", port.address},
                                     {"file", certificate.file.string()},
                                     {"days_left", certificate.days_left(now).count()}});
  return true;
}

template <class Kind>
void Ports<Kind>::show(ShownPorts& shown) const {
  for (const Port<Kind>& port : ports_) {
    shown.addresses.push_back(port.address);
    if constexpr (std::same_as<Kind, C2sPorts>) shown.loads.push_back(port.options->load);
    if (port.options->tls_contexts.empty()) continue;
    const auto& certificates = port.options->tls_contexts.front()->certificates();
    shown.tls_listeners.push_back({listener_id(port.options->address), certificates});
    for (const CertificateFacts& certificate : certificates)
      if (std::ranges::find(shown.certificates, certificate.file, &CertificateFacts::file) == shown.certificates.end())
        shown.certificates.push_back(certificate);
  }
}

template <class Kind>
void Ports<Kind>::add_numbers(std::vector<std::uint16_t>& numbers) const {
  for (const Port<Kind>& port : ports_) numbers.push_back(port.options->address.port);
}

template struct Port<C2sPorts>;
template struct Port<HttpPorts>;
template class Ports<C2sPorts>;
template class Ports<HttpPorts>;

}  // namespace meerkat
