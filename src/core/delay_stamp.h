// SPDX-License-Identifier: Apache-2.0
// XEP-0203: when a message that comes late was sent.
#pragma once

#include "core/delivery_log.h"

namespace meerkat {

// Adds the time at which the entry was made, in the name of its recipient's server. Nothing happens to what is stamped
// already, or is no message that anybody reads later (errors, headlines).
void stamp_delay(Stanza& message, EntryId id);

}  // namespace meerkat
