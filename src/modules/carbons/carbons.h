// SPDX-License-Identifier: Apache-2.0
// XEP-0280 Message Carbons: every device of an account sees the whole conversation.
#pragma once

#include "core/module_entry.h"

namespace meerkat {

ModuleEntry carboncopy_module();

}  // namespace meerkat
