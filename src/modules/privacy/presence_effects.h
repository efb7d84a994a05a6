// SPDX-License-Identifier: Apache-2.0
// Rules that change let contacts appear and disappear (XEP-0016 §2.10, §2.11, XEP-0191 §3.3, §3.4).
#pragma once

#include "core/session.h"
#include "modules/privacy/rules.h"

namespace meerkat {

// The session goes by `now` in the place of `before`; null: everybody gets through. `contacts` may be null. Who may see
// the session and could not, or could and may not, is told; so is the session of those it sees. To be called when `now`
// is in force.
void tell_of_changed_rules(Session& session, const Rules* before, const Rules* now, const ContactList* contacts);

}  // namespace meerkat
