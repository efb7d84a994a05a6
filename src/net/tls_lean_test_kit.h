// SPDX-License-Identifier: Apache-2.0
// For tests of sessions that let go of OpenSSL after the handshake.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/test_directory.h"
#include "net/tls_test_kit.h"

namespace meerkat::tls_test {

inline const std::vector<std::string> all_suites{"TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384",
                                                 "TLS_CHACHA20_POLY1305_SHA256"};

struct LeanWorld {
  TestDirectory place;
  Issued authority = issue(place, "authority", {.common_name = "authority", .is_authority = true});
  Issued shown = issue(place, "server", {.names = "DNS:example.org"}, &authority);
  Issued other = issue(place, "other", {.names = "DNS:example.net", .key = KeyKind::rsa, .digest = "SHA384"});
  Issued person = issue(place, "person", {.names = "email:juliet@example.org"}, &authority);
  SystemClock clock;

  TlsOptions server(bool lean = true, const std::string& suite = {}) const {
    TlsOptions options = server_of(shown);
    options.lean_records = lean;
    options.ciphers = suite;
    options.alpn = {"xmpp-client"};
    options.domains = {{"example.net", other.certfile, other.keyfile}};
    return options;
  }
  std::shared_ptr<const TlsContext> with_tickets(bool lean = true, const std::string& suite = {}) const {
    TlsOptions options = server(lean, suite);
    options.session_tickets = true;
    return context(options, TlsRole::server, std::make_shared<TlsTicketKeys>(clock));
  }
  Talk talk(bool lean = true, const std::string& suite = {}) const {
    return {with_tickets(lean, suite), context(trusting_client(), TlsRole::client)};
  }
};

}  // namespace meerkat::tls_test
