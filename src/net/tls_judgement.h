// SPDX-License-Identifier: Apache-2.0
// Whether to trust a server that a library has made its own TLS session with, by the rules of all our connections.
#pragma once

#include <string>

#include "net/tls_context.h"

struct ssl_st;

namespace meerkat {

// The certificate has been shown, and nothing of ours was said yet.
bool handshake_is_over(const ssl_st* session);
// Empty when it is trusted, else why not. `trust` is a client's context; the name must be in the certificate, unless
// it is empty. After the handshake, on the thread of the session.
std::string why_not_trusted(ssl_st* session, const TlsContext& trust, const std::string& name);

}  // namespace meerkat
