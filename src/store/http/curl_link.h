// SPDX-License-Identifier: Apache-2.0
// One worker's connection to a web service, by libcurl.
#pragma once

#include <memory>
#include <string>

#include "store/http/options.h"
#include "store/pool/link.h"

namespace meerkat::http {

// Calls are HttpCalls. HTTP/1.1 without TLS; with TLS HTTP/2 if the service speaks it, several calls at once then.
//
// `connect` opens a connection, TLS included, and closes it: that is how a worker knows that the service is there,
// without asking it for something that nobody wanted. The first request opens the one that is kept. What the service
// closes while nothing is asked is opened again by the next request; only when that fails is the worker down.
std::unique_ptr<Link> make_curl_link(const Connection& connection);

// How many requests a worker has under way at once when the service speaks HTTP/2.
inline constexpr std::size_t most_streams = 32;

}  // namespace meerkat::http
