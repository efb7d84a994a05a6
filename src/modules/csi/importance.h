// SPDX-License-Identifier: Apache-2.0
// What somebody who does not look at the screen can wait for.
#pragma once

#include "xmpp/stanza.h"

namespace meerkat {

// True: presence of others, typing notices, receipts and the like. What is not known to be unimportant is important.
bool can_wait(const Stanza& stanza);

// Both can wait; whether whoever has seen the newer one needs the older one no more.
bool replaces(const Stanza& newer, const Stanza& older);

}  // namespace meerkat
