// SPDX-License-Identifier: Apache-2.0
// XEP-0115 and XEP-0390, Entity Capabilities: what the clients of sessions can do, asked once for each kind of client;
// and what the server can do, in the features of its streams.
#pragma once

#include "core/module_entry.h"

namespace meerkat {

ModuleEntry caps_module();

}  // namespace meerkat
