// SPDX-License-Identifier: Apache-2.0
// OpenSSL keeps its complaints in a queue per thread; here they become words for the log.
#pragma once

#include <string>

namespace meerkat {

// The first complaint of this thread's queue in words; empties the queue.
std::string take_tls_error();

}  // namespace meerkat
