// SPDX-License-Identifier: Apache-2.0
// How a session ends, whatever has brought it about.
#pragma once

namespace meerkat {

class Session;

// It is over for everybody else: whoever saw it available hears of its end, its name is free, and what its client had
// not taken goes where it can (Router::give_back). At its home, once. Its memory stays for those who still look at it
// (SessionTable::free).
void end_session(Session& session);

}  // namespace meerkat
