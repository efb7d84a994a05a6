// SPDX-License-Identifier: Apache-2.0
// mod_roster: RFC 6121 §2 and §3, and roster versions (§2.6, XEP-0237).
#pragma once

#include "core/module_entry.h"

namespace meerkat {

ModuleEntry roster_module();

}  // namespace meerkat
