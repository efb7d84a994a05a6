// SPDX-License-Identifier: Apache-2.0
// What stands between the router and a session whose client does not want everything at once (XEP-0352).
#pragma once

#include <vector>

#include "core/delivery_log.h"

namespace meerkat {

class Session;

// One thing on its way to a session: an entry, or what may be lost with the connection.
struct Outgoing {
  EntryRef entry;  // empty for presence and iq
  Form form = Form::itself;
  Stanza stanza;  // when there is no entry

  const Stanza& what() const { return entry ? entry->stanza : stanza; }
};

// Belongs to one session, at its home. What it holds back it lets out in order, by Router::let_out.
class Valve {
 public:
  virtual ~Valve() = default;
  // True when it keeps it for later; false when it is to be written now, behind all that was let out.
  virtual bool holds(Session& session, const Outgoing& outgoing) = 0;
  // The session ends: all that is held, oldest first.
  virtual std::vector<Outgoing> give_back() = 0;
};

}  // namespace meerkat
