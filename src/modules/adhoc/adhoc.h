// SPDX-License-Identifier: Apache-2.0
// XEP-0050 Ad-Hoc Commands: lists and executes what modules offer (core/adhoc_commands.h), stage by stage.
#pragma once

#include "core/module_entry.h"

namespace meerkat {

ModuleEntry adhoc_module();

}  // namespace meerkat
