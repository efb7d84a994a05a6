// SPDX-License-Identifier: Apache-2.0
// One request to a web service over a connection of its own: for who asks so seldom that nothing should be kept open.
#pragma once

#include <atomic>
#include <chrono>

#include "store/http/message.h"
#include "store/http/options.h"

namespace meerkat::http {

// Blocks the calling thread, which is no worker's, for the connection's request_timeout at most, connecting included,
// or until it is given up, which is looked at every 100 ms. Throws meerkat::Unavailable, with words for the operator,
// when there is no answer, and std::invalid_argument when the path or a header cannot be sent. Nothing is sent twice.
Response ask_once(const Connection& connection, Request request, const std::atomic<bool>& given_up);

}  // namespace meerkat::http
