// SPDX-License-Identifier: Apache-2.0
// XEP-0049 Private XML Storage: what clients of an account keep on the server, for nobody else to see.
#pragma once

#include "core/module_entry.h"

namespace meerkat {

ModuleEntry private_module();

}  // namespace meerkat
