// SPDX-License-Identifier: Apache-2.0
// The certificates that listeners show: those of the configuration, or one of our own.
#pragma once

#include <cstddef>
#include <expected>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "net/tls_context.h"
#include "server/settings.h"

namespace meerkat {

using TlsContexts = std::vector<std::shared_ptr<const TlsContext>>;

// The files that the settings name, or a self-signed certificate in the data directory, made when it is missing.
std::expected<TlsOptions, std::string> certified(const TlsSettings& tls, const Settings& settings, const Clock& clock);

// One context per worker. Reads files; not on a worker. The error says which file is wrong, and what to do.
std::expected<TlsContexts, std::string> tls_contexts(const TlsOptions& options, std::size_t workers,
                                                     const std::shared_ptr<TlsTicketKeys>& tickets);

}  // namespace meerkat
