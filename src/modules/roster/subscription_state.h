// SPDX-License-Identifier: Apache-2.0
// RFC 6121 appendix A: what a subscription stanza does to the state between an account and a contact. No I/O.
#pragma once

#include "modules/roster/contact_list.h"
#include "xmpp/stanza.h"

namespace meerkat {

struct SubscriptionState {
  Subscription subscription = Subscription::none;
  bool asked_out = false;
  bool asked_in = false;
  bool approved = false;

  friend bool operator==(const SubscriptionState&, const SubscriptionState&) = default;
};

struct SubscriptionStep {
  SubscriptionState after;
  // Outbound: the stanza is routed to the contact. Inbound: it is delivered to the account's clients.
  bool goes_on = false;
  // Inbound: the contact is told `subscribed` on behalf of the account.
  bool is_granted = false;
};

// Appendix A.2, and §3.4 for approval ahead of a request: the account sends a stanza of this type to the contact.
SubscriptionStep step_outwards(StanzaType type, const SubscriptionState& before);
// Appendix A.3: one came from the contact.
SubscriptionStep step_inwards(StanzaType type, const SubscriptionState& before);

SubscriptionState state_of(const Contact& contact);
void set_state(Contact& contact, const SubscriptionState& state);

}  // namespace meerkat
