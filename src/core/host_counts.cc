// SPDX-License-Identifier: Apache-2.0
#include "core/host_counts.h"

#include "core/hall.h"

namespace meerkat {
namespace {

using metrics::counted;
using metrics::timed;
using enum metrics::Kind;

constexpr metrics::Event session{.name = "sm_session",
                                 .sentence = "Sessions were opened and have ended; how many there are.",
                                 .labels = {"host_type"},
                                 .measurements = {{"logins", spiral}, {"logouts", spiral}, {"count", counter}}};
constexpr metrics::Event processed{.name = "c2s_message_processed",
                                   .sentence = "A message of a client was routed.",
                                   .labels = {"host_type"},
                                   .measurements = {{"time", histogram}}};
// Looked at now and then in MongooseIM, counted here.
constexpr metrics::Event total_sessions{.name = "sm_total_sessions",
                                        .sentence = "How many sessions there are.",
                                        .labels = {},
                                        .measurements = {{"count", counter}}};
constexpr metrics::Event unique_sessions{.name = "sm_unique_sessions",
                                         .sentence = "How many accounts have sessions.",
                                         .labels = {},
                                         .measurements = {{"count", counter}}};
constexpr metrics::Event rules_checked{
    .name = "mod_privacy_check_packet",
    .sentence = "Rules were asked about a stanza; what they did not let through.",
    .labels = {"host_type"},
    .measurements = {{"count", spiral}, {"denied_count", spiral}, {"blocked_count", spiral}}};
constexpr metrics::Event subscription{
    .name = "sm_presence_subscription",
    .sentence = "An account heard that it is subscribed to somebody, or no longer.",
    .labels = {"host_type"},
    .measurements = {{"subscription_count", spiral}, {"unsubscription_count", spiral}}};
constexpr auto bounced = counted("sm_message_bounced", "A message came back, because nobody is there who takes it.");
constexpr auto dropped = counted("router_stanza_dropped", "A stanza was dropped, as its sender wished (XEP-0079).");
constexpr metrics::Event nowhere{.name = "router_no_route_found",
                                 .sentence = "A stanza is for a domain to which nothing leads.",
                                 .measurements = {{"count", spiral}}};
constexpr auto anonymous_one = counted("auth_anonymous_register_user", "An anonymous user has a session.");
constexpr auto no_anonymous_one = counted("auth_anonymous_unregister_user", "An anonymous user is gone.");
constexpr auto auth_failed = counted("c2s_auth_failed", "A client could not log in.");
constexpr auto blocklist_denied = counted("mod_blocklist_denied", "A banned user could not log in.");
constexpr auto registered_one = counted("auth_register_user", "An account was registered.");
constexpr auto unregistered_one = counted("auth_unregister_user", "An account was removed.");
constexpr auto authorizes = timed("auth_authorize", "A client proves who it is.");
constexpr auto checks_password = timed("auth_check_password", "A password is checked.");
constexpr auto tries_to_register = timed("auth_try_register", "Somebody wants to register an account.");
constexpr auto asks_for_user = timed("auth_does_user_exist", "Somebody asks whether there is an account.");

metrics::Counted one(const HostType& host, const metrics::Event& event) {
  return {host.hall.metrics, event, {host.name}};
}
TimedCall call(const HostType& host, const metrics::Event& event) {
  return {host.hall.worker.clock(), {host.hall.metrics, event, {host.name}}};
}

}  // namespace

RuleCounts::RuleCounts(const HostType& host)
    : series_(host.hall.metrics, rules_checked, {host.name}),
      checked_(series_.spiral("count")),
      blocked_(series_.spiral("blocked_count")),
      denied_(series_.spiral("denied_count")) {}

SubscriptionCounts::SubscriptionCounts(const HostType& host)
    : series_(host.hall.metrics, subscription, {host.name}),
      granted_(series_.spiral("subscription_count")),
      ended_(series_.spiral("unsubscription_count")) {}

HostCounts::HostCounts(const HostType& host)
    : session_(host.hall.metrics, session, {host.name}),
      logins_(session_.spiral("logins")),
      logouts_(session_.spiral("logouts")),
      sessions_(session_.counter("count")),
      processed_(host.hall.metrics, processed, {host.name}),
      total_sessions_(host.hall.metrics, total_sessions, {}),
      unique_sessions_(host.hall.metrics, unique_sessions, {}),
      all_sessions_(total_sessions_.counter("count")),
      accounts_(unique_sessions_.counter("count")),
      c2s(host.hall.metrics, "c2s", host.name),
      message_processed(processed_.histogram("time")),
      hooks(host),
      rules(host),
      subscriptions(host),
      message_bounced(one(host, bounced)),
      stanza_dropped(one(host, dropped)),
      no_route(host.hall.metrics, nowhere, {}),
      anonymous_came(one(host, anonymous_one)),
      anonymous_left(one(host, no_anonymous_one)),
      login_failed(one(host, auth_failed)),
      banned_refused(one(host, blocklist_denied)),
      registered(one(host, registered_one)),
      unregistered(one(host, unregistered_one)),
      authorize(call(host, authorizes)),
      check_password(call(host, checks_password)),
      try_register(call(host, tries_to_register)),
      does_user_exist(call(host, asks_for_user)) {}

}  // namespace meerkat
