// SPDX-License-Identifier: Apache-2.0
#include "modules/roster/subscription_state.h"

namespace meerkat {
namespace {

Subscription made_of(bool to, bool from) {
  if (to) return from ? Subscription::both : Subscription::to;
  return from ? Subscription::from : Subscription::none;
}

Subscription without_to(Subscription before) { return made_of(false, is_seen(before)); }
Subscription without_from(Subscription before) { return made_of(sees(before), false); }
Subscription with_to(Subscription before) { return made_of(true, is_seen(before)); }
Subscription with_from(Subscription before) { return made_of(sees(before), true); }

}  // namespace

SubscriptionStep step_outwards(StanzaType type, const SubscriptionState& before) {
  SubscriptionStep step{.after = before};
  switch (type) {
    case StanzaType::subscribe:
      step.goes_on = true;
      if (!sees(before.subscription)) step.after.asked_out = true;
      break;
    case StanzaType::unsubscribe:
      step.goes_on = true;
      step.after.subscription = without_to(before.subscription);
      step.after.asked_out = false;
      break;
    case StanzaType::subscribed:
      if (before.asked_in) {
        step.goes_on = true;
        step.after.subscription = with_from(before.subscription);
        step.after.asked_in = false;
      } else if (!is_seen(before.subscription)) {
        step.after.approved = true;  // §3.4.2: noted, and told to nobody but the account's clients
      }
      break;
    case StanzaType::unsubscribed:
      step.goes_on = before.asked_in || is_seen(before.subscription);
      step.after.subscription = without_from(before.subscription);
      step.after.asked_in = false;
      step.after.approved = false;  // §3.2.2
      break;
    default:
      break;
  }
  return step;
}

SubscriptionStep step_inwards(StanzaType type, const SubscriptionState& before) {
  SubscriptionStep step{.after = before};
  switch (type) {
    case StanzaType::subscribe:
      // §3.1.3: who has a subscription, or has been approved ahead of it (§3.4), needs no human.
      step.is_granted = is_seen(before.subscription) || before.approved;
      if (step.is_granted) {
        step.after.subscription = with_from(before.subscription);
        step.after.asked_in = false;
      } else {
        step.goes_on = !before.asked_in;
        step.after.asked_in = true;
      }
      break;
    case StanzaType::unsubscribe:
      step.goes_on = before.asked_in || is_seen(before.subscription);
      step.after.subscription = without_from(before.subscription);
      step.after.asked_in = false;
      break;
    case StanzaType::subscribed:
      step.goes_on = before.asked_out && !sees(before.subscription);
      if (!step.goes_on) break;
      step.after.subscription = with_to(before.subscription);
      step.after.asked_out = false;
      break;
    case StanzaType::unsubscribed:
      step.goes_on = before.asked_out || sees(before.subscription);
      step.after.subscription = without_to(before.subscription);
      step.after.asked_out = false;
      break;
    default:
      break;
  }
  return step;
}

SubscriptionState state_of(const Contact& contact) {
  return {.subscription = contact.subscription,
          .asked_out = contact.asked_out,
          .asked_in = contact.asked_in,
          .approved = contact.approved};
}

void set_state(Contact& contact, const SubscriptionState& state) {
  contact.subscription = state.subscription;
  contact.asked_out = state.asked_out;
  contact.asked_in = state.asked_in;
  contact.approved = state.approved;
}

}  // namespace meerkat
