// SPDX-License-Identifier: Apache-2.0
// XEP-0359 Unique and Stable Stanza IDs: a message carries the number that its entry has in the account it is for.
#pragma once

#include "core/module_entry.h"

namespace meerkat {

ModuleEntry stanzaid_module();

}  // namespace meerkat
