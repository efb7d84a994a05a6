// SPDX-License-Identifier: Apache-2.0
// The server stops: sessions whose clients may come back are written down.
#pragma once

#include "core/host_type.h"
#include "runtime/task.h"

namespace meerkat {

class KeptSessions;

// Those of the host type on this worker, when no stream is left. A session whose record is safely in the store is not
// here any more: what comes for it now finds its way as if it had never been. Those that could not be written stay.
Task<> keep_sessions(HostType& host, KeptSessions& store);

}  // namespace meerkat
