// SPDX-License-Identifier: Apache-2.0
// XEP-0352 Client State Indication: while nobody looks at a client, what can wait is held back, the newest of each
// kind.
#pragma once

#include "core/module_entry.h"

namespace meerkat {

ModuleEntry csi_module();

}  // namespace meerkat
