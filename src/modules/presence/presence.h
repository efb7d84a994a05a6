// SPDX-License-Identifier: Apache-2.0
// mod_presence: contacts hear of the presence of an account, and it hears of theirs (RFC 6121 §4).
#pragma once

#include "core/module_entry.h"

namespace meerkat {

ModuleEntry presence_module();

}  // namespace meerkat
