// SPDX-License-Identifier: Apache-2.0
// XEP-0030 Service Discovery, XEP-0157 Contact Addresses: what the server and its accounts are and can do.
#pragma once

#include "core/module_entry.h"

namespace meerkat {

ModuleEntry disco_module();

}  // namespace meerkat
