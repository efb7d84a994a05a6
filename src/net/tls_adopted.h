// SPDX-License-Identifier: Apache-2.0
// For libraries that make an OpenSSL context of their own for each connection, as libcurl does: it gets our rules.
#pragma once

struct ssl_ctx_st;

namespace meerkat {

class TlsContext;

// From now on `theirs` trusts, shows and speaks what `ours` does, a client's context, which outlives its sessions.
// Names are still the library's affair. False when OpenSSL refuses (its queue of errors says why).
bool adopt(ssl_ctx_st* theirs, const TlsContext& ours);

}  // namespace meerkat
