// SPDX-License-Identifier: Apache-2.0
// What the house itself counts of each host type: sessions, logins, questions to the accounts. Modules count for
// themselves.
#pragma once

#include "base/metrics/counted.h"
#include "core/hook_count.h"
#include "core/timed_call.h"
#include "core/traffic.h"

namespace meerkat {

class HostType;

// What becomes of stanzas for whom somebody has rules.
class RuleCounts {
 public:
  explicit RuleCounts(const HostType& host);
  // Rules may have to be asked about a stanza.
  void checked() const noexcept { checked_.add(); }
  // They turned it away: because an address is blocked (XEP-0191), or for another reason.
  void blocked() const noexcept { blocked_.add(); }
  void denied() const noexcept { denied_.add(); }

 private:
  const metrics::Series series_;
  const metrics::Spiral checked_, blocked_, denied_;
};

// Subscriptions that arrive at an account (RFC 6121 §3).
class SubscriptionCounts {
 public:
  explicit SubscriptionCounts(const HostType& host);
  void arrived(StanzaType type) const noexcept {
    if (type == StanzaType::subscribed) granted_.add();
    if (type == StanzaType::unsubscribed) ended_.add();
  }

 private:
  const metrics::Series series_;
  const metrics::Spiral granted_, ended_;
};

// Of one host type on one worker; lives with it.
class HostCounts {
 public:
  explicit HostCounts(const HostType& host);

  void session_opened() const noexcept {
    logins_.add();
    sessions_.add(1);
    all_sessions_.add(1);
  }
  void session_ended() const noexcept {
    logouts_.add();
    sessions_.add(-1);
    all_sessions_.add(-1);
  }
  // With its first session, and with its last.
  void account_came() const noexcept { accounts_.add(1); }
  void account_left() const noexcept { accounts_.add(-1); }
  // To MongooseIM's operators a session ends then, and another begins.
  void session_resumed() const noexcept {
    logins_.add();
    logouts_.add();
  }

 private:
  const metrics::Series session_;
  const metrics::Spiral logins_;
  const metrics::Spiral logouts_;
  const metrics::Counter sessions_;
  const metrics::Series processed_;
  // Those of all host types together.
  const metrics::Series total_sessions_, unique_sessions_;
  const metrics::Counter all_sessions_, accounts_;

 public:
  const ElementTraffic c2s;
  // A message of a client, until it was routed or refused.
  const metrics::Histogram message_processed;
  const HookCounts hooks;
  const RuleCounts rules;
  const SubscriptionCounts subscriptions;
  const metrics::Counted message_bounced;
  const metrics::Counted stanza_dropped;
  const metrics::Counted no_route;  // of all host types together
  const metrics::Counted anonymous_came;
  const metrics::Counted anonymous_left;
  const metrics::Counted login_failed;
  const metrics::Counted banned_refused;
  const metrics::Counted registered;
  const metrics::Counted unregistered;
  // Whoever asks the accounts does so through one of these. The time is that of all methods together.
  const TimedCall authorize;
  const TimedCall check_password;
  const TimedCall try_register;
  const TimedCall does_user_exist;
};

}  // namespace meerkat
