// SPDX-License-Identifier: Apache-2.0
// XEP-0079 Advanced Message Processing: a sender says what is to happen to a
// message that would be delivered in one way or another. Rules are judged where
// the message is sent, and decide where its recipient is at home.
#pragma once

#include "core/module_entry.h"

namespace meerkat {

ModuleEntry amp_module();

}  // namespace meerkat
