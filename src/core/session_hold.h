// SPDX-License-Identifier: Apache-2.0
// Keeps the memory of a session for somebody who waits, though the session may end meanwhile.
#pragma once

#include "core/hall.h"

namespace meerkat {

// On the session's worker. One that has ended has no account any more.
class SessionHold {
 public:
  explicit SessionHold(Session& session) : session_(session) { ++session.holders; }
  SessionHold(const SessionHold&) = delete;
  SessionHold& operator=(const SessionHold&) = delete;
  ~SessionHold() { session_.host.hall.sessions.free(session_); }

 private:
  Session& session_;
};

}  // namespace meerkat
