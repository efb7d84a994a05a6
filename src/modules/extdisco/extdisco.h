// SPDX-License-Identifier: Apache-2.0
// XEP-0215 External Service Discovery: which STUN, TURN and other servers beside XMPP there are, and how to log in
// there.
#pragma once

#include "core/module_entry.h"

namespace meerkat {

ModuleEntry extdisco_module();

}  // namespace meerkat
