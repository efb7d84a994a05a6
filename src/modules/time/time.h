// SPDX-License-Identifier: Apache-2.0
// XEP-0202 Entity Time: what time is it at the server, and in which zone does it live?
#pragma once

#include "core/module_entry.h"

namespace meerkat {

ModuleEntry time_module();

}  // namespace meerkat
