// SPDX-License-Identifier: Apache-2.0
// XEP-0054 vcard-temp, XEP-0055 search, XEP-0153 avatars: what people tell of themselves, for everybody to see.
#pragma once

#include "core/module_entry.h"

namespace meerkat {

ModuleEntry vcard_module();

}  // namespace meerkat
