// SPDX-License-Identifier: Apache-2.0
// The server starts: sessions that were written down wait for their clients again.
#pragma once

#include "core/host_type.h"
#include "runtime/task.h"

namespace meerkat {

class KeptSessions;

// Those of the host type whose accounts are at home on this worker, before anybody connects. The time while the server
// was stopped does not count, up to a day. What cannot be read is told to the log, and its session ends: its messages
// go where those of any session go that ends.
Task<> restore_sessions(HostType& host, KeptSessions& store);

}  // namespace meerkat
