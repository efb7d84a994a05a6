// SPDX-License-Identifier: Apache-2.0
// What OpenSSL asks back during a handshake: tickets, names, protocols, trust.
#pragma once

struct ssl_ctx_st;

namespace meerkat {

class TlsContext;

// `owner` outlives every session of `context`: sessions hold it. `verify_flags` are OpenSSL's SSL_VERIFY_*.
void set_tls_callbacks(ssl_ctx_st* context, TlsContext& owner, int verify_flags);

}  // namespace meerkat
