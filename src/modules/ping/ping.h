// SPDX-License-Identifier: Apache-2.0
// XEP-0199 XMPP Ping: answers pings, and asks clients that have been silent whether they are still there.
#pragma once

#include "core/module_entry.h"

namespace meerkat {

ModuleEntry ping_module();

}  // namespace meerkat
