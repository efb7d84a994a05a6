// SPDX-License-Identifier: Apache-2.0
// The end of an account, whoever wants it.
#pragma once

#include "core/host_type.h"
#include "runtime/task.h"
#include "xmpp/jid.h"

namespace meerkat {

// On the home worker of `user`, a bare address. Removes the account, and then whatever is kept of it: nobody writes in
// its name any more when that begins. All its sessions end, but for `asked_by`, if that is one of them: it waits for an
// answer, takes nothing from its client, and ends in a later turn. False when there was no such account.
Task<bool> end_account(HostType& host, Jid user, Jid asked_by = {});

}  // namespace meerkat
