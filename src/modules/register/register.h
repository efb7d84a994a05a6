// SPDX-License-Identifier: Apache-2.0
// XEP-0077 In-Band Registration: accounts are made, changed and cancelled in the stream itself.
#pragma once

#include "core/module_entry.h"

namespace meerkat {

ModuleEntry register_module();

}  // namespace meerkat
