// SPDX-License-Identifier: Apache-2.0
// RFC 6121 §3: requests to see somebody's presence, and the answers, as they leave an account and arrive at one.
#pragma once

#include "core/verdict.h"
#include "modules/roster/rosters.h"
#include "xmpp/stanza.h"

namespace meerkat {

// Belongs to the module on that worker.
class Subscriptions {
 public:
  Subscriptions(HostType& host, Rosters& rosters) : host_(host), rosters_(rosters) {}

  // §3.1.2, §3.1.5, §3.2.2, §3.3.2, §3.4.2: sent by a client of an account that lives here. Routes it when it is to
  // leave. An error is for the client.
  Task<Verdict> leaves(Stanza stanza);
  // §3.1.3, §3.1.6, §3.2.3, §3.3.3: arrived at an account that lives here. Delivers it when clients are to see it.
  Task<> arrives(Stanza stanza);
  // §3.1.3: what was not answered yet, for a session that has become available.
  Task<> remind(Jid session);

  // §2.5.2: the contact is taken out of the roster, and subscriptions end both ways. The caller has the turn.
  Task<> end(Jid user, Contact contact);
  // The account is gone: the same for all its contacts, and nothing is kept. Takes the turn.
  Task<> end_all(Jid user);

 private:
  Task<> leave(Stanza stanza, ContactChange change, bool goes_on);
  Task<> arrive(Stanza stanza, ContactChange change, bool goes_on, bool is_granted);
  Task<bool> may_ask(const Stanza& request, const RosterState& roster, const ContactChange& change);
  void deny(const Stanza& request, std::string_view because);
  void deliver(const Stanza& stanza);
  void route(StanzaType type, const Jid& from, const Jid& to);

  HostType& host_;
  Rosters& rosters_;
};

}  // namespace meerkat
