// SPDX-License-Identifier: Apache-2.0
// XEP-0012 Last Activity: when an account was last here, and what it said when it left.
#pragma once

#include "core/module_entry.h"

namespace meerkat {

ModuleEntry last_module();

}  // namespace meerkat
