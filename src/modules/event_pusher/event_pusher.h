// SPDX-License-Identifier: Apache-2.0
// Tells services outside of messages and of who comes and goes: web services, a message broker.
#pragma once

#include "core/module_entry.h"

namespace meerkat {

ModuleEntry event_pusher_module();

}  // namespace meerkat
