// SPDX-License-Identifier: Apache-2.0
// What a c2s listener and the streams that come in there are told by the configuration.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/limits/connection_limits.h"
#include "core/login_offer.h"
#include "net/listener.h"
#include "net/tls_context.h"
#include "net/tls_section.h"
#include "xml/limits.h"

namespace meerkat {

// One [[listen.c2s]]; shared by all workers, immutable.
struct C2sOptions {
  ListenAddress address;
  // Each connection begins with a header of the PROXY protocol.
  bool proxy_protocol = false;
  // How many connections there are and may be.
  std::uint32_t most_connections = no_limit;
  std::shared_ptr<ListenerLoad> load = std::make_shared<ListenerLoad>();
  TlsMode tls_mode = TlsMode::none;
  // One per worker, by its index; empty without TLS.
  std::vector<std::shared_ptr<const TlsContext>> tls_contexts;
  // RFC 6120 §13.12: before authentication a stranger may send little; afterwards `max_stanza_size`.
  xml::Limits stranger_limits{.bytes = 16 * 1024, .depth = 16, .attributes = 32, .namespaces = 16, .nodes = 256};
  xml::Limits limits{.nodes = 8192};
  std::chrono::milliseconds state_timeout{5000};
  bool backwards_compatible_session = true;

  std::string default_domain;  // named in errors before a domain is known
  std::string language = "en";
  // The rule of the host type that says who may log in here.
  std::string access = "all";
  // A shaper, or a rule of the host type that says which; "none": what comes is not shaped.
  std::string shaper = "none";
  // Of the methods of a host type, those that may be used here; nothing: all of them.
  std::optional<std::vector<AuthMethod>> allowed_auth_methods;
  // A secret of this server: unknown users get salts derived from it, always the same (RFC 5802 §9).
  std::string fake_salt_secret;
  // How many streams go by these options: they stay as long as there are any, also when the listener has others.
  std::shared_ptr<std::atomic<std::uint32_t>> streams = std::make_shared<std::atomic<std::uint32_t>>(0);
};

}  // namespace meerkat
