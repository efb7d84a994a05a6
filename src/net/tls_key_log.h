// SPDX-License-Identifier: Apache-2.0
// The option keep_secrets: what is needed to read recorded traffic is written down, for finding a fault with Wireshark.
#pragma once

struct ssl_ctx_st;

namespace meerkat {

// Secrets of the context's sessions are appended to the file that the environment variable SSLKEYLOGFILE names, made
// for its owner alone; nothing is written without the variable. Writes to a file on the worker: not for every day.
void write_key_log(ssl_ctx_st* context);

}  // namespace meerkat
