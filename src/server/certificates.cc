// SPDX-License-Identifier: Apache-2.0
#include "server/certificates.h"

#include <filesystem>

#include "base/log.h"

namespace meerkat {

std::expected<TlsOptions, std::string> certified(const TlsSettings& tls, const Settings& settings, const Clock& clock) {
  TlsOptions options = tls_options(tls);
  if (!options.certfile.empty()) return options;
  const std::filesystem::path directory = settings.internal_databases.embedded.directory;
  options.certfile = directory / "self-signed.crt";
  options.keyfile = directory / "self-signed.key";
  if (std::filesystem::exists(options.certfile) && std::filesystem::exists(options.keyfile)) return options;
  const auto made = make_self_signed(settings.general.hosts, options.certfile, options.keyfile, clock.wall());
  if (!made) return std::unexpected(made.error());
  log_notice("certificate_made", {{"file", options.certfile.string()}, {"kind", "self-signed"}});
  return options;
}

std::expected<TlsContexts, std::string> tls_contexts(const TlsOptions& options, std::size_t workers,
                                                     const std::shared_ptr<TlsTicketKeys>& tickets) {
  TlsContexts contexts;
  for (std::size_t i = 0; i < workers; ++i) {
    auto context = TlsContext::make(options, TlsRole::server, tickets);
    if (!context) return std::unexpected(context.error());
    contexts.push_back(std::move(*context));
  }
  return contexts;
}

}  // namespace meerkat
