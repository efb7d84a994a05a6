// SPDX-License-Identifier: Apache-2.0
// XEP-0160 Offline Messages: what finds nobody is kept, and delivered when somebody comes.
#pragma once

#include "core/module_entry.h"

namespace meerkat {

ModuleEntry offline_module();

}  // namespace meerkat
