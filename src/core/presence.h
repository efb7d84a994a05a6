// SPDX-License-Identifier: Apache-2.0
// RFC 6121 §4 as far as it needs no roster: available resources of an account know of each other, and directed
// presence is remembered. Contacts are a module's affair, by its hook on UserSendsPresence.
#pragma once

#include "core/session.h"

namespace meerkat {

class Hall;

// Part of the hall of one worker.
class PresenceBroadcast {
 public:
  explicit PresenceBroadcast(Hall& hall) : hall_(hall) {}

  // Presence from a local session. Answers a bad priority with an error to the sender.
  void sent(Session& sender, Stanza stanza);
  // The session is over: whoever saw it available hears that it is unavailable.
  void session_ended(Session& session);

 private:
  void became_available(Session& sender, const Stanza& stanza);
  void became_unavailable(Session& sender, const Stanza& stanza);
  void directed(Session& sender, Stanza stanza);
  void tell_own_resources(const Session& sender, const Stanza& stanza);

  Hall& hall_;
};

}  // namespace meerkat
