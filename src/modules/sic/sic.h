// SPDX-License-Identifier: Apache-2.0
// XEP-0279 Server IP Check: a client asks from which address the server sees it come.
#pragma once

#include "core/module_entry.h"

namespace meerkat {

ModuleEntry sic_module();

}  // namespace meerkat
