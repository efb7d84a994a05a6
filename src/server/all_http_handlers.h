// SPDX-License-Identifier: Apache-2.0
// The kinds of HTTP handlers there are.
#pragma once

#include <span>
#include <vector>

#include "core/http_handler_entry.h"
#include "streams/http_section.h"

namespace meerkat {

// The one list that a new kind adds a line to.
std::vector<HttpHandlerEntry> all_http_handlers();
// Those of MongooseIM that Meerkat does not have: files that name them are read, with a warning.
std::span<const OtherHttpHandler> other_http_handlers();

}  // namespace meerkat
