// SPDX-License-Identifier: Apache-2.0
// mod_privacy: privacy lists (XEP-0016). mod_blocking: the blocking command (XEP-0191), which writes the same lists.
#pragma once

#include "core/module_entry.h"

namespace meerkat {

ModuleEntry privacy_module();
ModuleEntry blocking_module();

}  // namespace meerkat
