// SPDX-License-Identifier: Apache-2.0
// XEP-0092 Software Version: which server is this?
#pragma once

#include "core/module_entry.h"

namespace meerkat {

ModuleEntry version_module();

}  // namespace meerkat
