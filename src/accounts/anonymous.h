// SPDX-License-Identifier: Apache-2.0
// SASL ANONYMOUS (RFC 4505, XEP-0175): everybody may come in under a name made up for the session; nothing is kept.
#pragma once

#include <memory>

#include "core/accounts.h"

namespace meerkat {

// No account exists, no password is right, nothing can be registered. Any thread.
std::unique_ptr<Accounts> make_anonymous_accounts();

}  // namespace meerkat
