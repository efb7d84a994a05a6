// SPDX-License-Identifier: Apache-2.0
// What the rules of an account decide of stanzas on their way (XEP-0016 §2.14, XEP-0191 §3.3). The router asks the
// sessions; here is what no session decides, and what waits until the rules are known.
#include <utility>

#include "core/hall.h"
#include "core/host_counts.h"
#include "modules/privacy/in_force.h"
#include "modules/privacy/rule_book.h"
#include "xml/builder.h"

namespace meerkat {
namespace {

// What the server does in the name of an account: keeps a message for later, answers a request or a probe, changes a
// subscription.
bool is_for_account(const Stanza& stanza) {
  switch (stanza.kind) {
    case StanzaKind::message:
      return stanza.type == StanzaType::chat || (stanza.type == StanzaType::normal && stanza.to.is_bare());
    case StanzaKind::presence:
      return stanza.is_subscription() || stanza.type == StanzaType::probe;
    case StanzaKind::iq:
      return stanza.to.is_bare() && !stanza.is_answer();
  }
  return false;
}

// The router asks the session that gets it.
bool is_for_sessions(const Account& account, const Stanza& stanza) {
  if (!is_for_account(stanza)) return true;
  if (stanza.to.is_full() && SessionTable::session_of(&account, stanza.to) != nullptr) return true;
  if (stanza.kind != StanzaKind::message) return false;
  for (const Session* session = account.first; session != nullptr; session = session->next_of_account)
    if (session->available() && session->priority >= 0) return true;
  return false;
}

bool is_own(const Stanza& stanza) {
  return !stanza.from || stanza.from.same_bare(stanza.to) ||
         (!stanza.from.has_node() && stanza.from.domain() == stanza.to.domain());
}

// Whoever asked for something hears this, and all others nothing.
Verdict turned_away(const Stanza& stanza, StanzaError error) {
  const bool is_conversation = stanza.type == StanzaType::normal || stanza.type == StanzaType::chat;
  if (stanza.kind == StanzaKind::iq || (stanza.kind == StanzaKind::message && is_conversation))
    return Verdict::refuse(std::move(error));
  return Verdict::stop();
}

void count_turned_away(const HostType& host, const Rules& rules, const Stanza& stanza) {
  const RuleCounts& counts = host.counts->rules;
  rules.blocks_sender(stanza) ? counts.blocked() : counts.denied();
}

// What the router will not give to sessions that might get it: a message once, presence for each of them.
void count_turned_away_by_sessions(const HostType& host, const Account& account, const Stanza& stanza) {
  for (const Session* session = account.first; session != nullptr; session = session->next_of_account) {
    const bool might_get_it = stanza.to.is_full() ? session->jid == stanza.to : session->available();
    if (!might_get_it || session->lets_in(stanza)) continue;
    count_turned_away(host, *rules_of(session->rules), stanza);
    if (stanza.kind != StanzaKind::presence) return;
  }
}

Verdict judged(const HostType& host, const RulesPtr& rules, const Stanza& stanza) {
  if (!rules || rules->lets_in(stanza)) return Verdict::next();
  count_turned_away(host, *rules, stanza);
  return turned_away(stanza, StanzaError::service_unavailable());
}

StanzaError not_acceptable(const Rule& rule) {
  StanzaError error = StanzaError::not_acceptable().as(StanzaErrorType::cancel);
  // XEP-0191 §3.3.
  if (rule.blocks_address()) error.application = xml::Builder("blocked", ns::blocking_errors).str();
  return error;
}

}  // namespace

Answer<Verdict> RuleBook::arrives(UserReceivesStanza& event) {
  if (users_ == 0) return Verdict::next();
  host_.counts->rules.checked();
  const Stanza& stanza = event.stanza;
  const Account* const account = host_.hall.sessions.find(stanza.to);
  if (account != nullptr) {
    if (is_unknown(account->bare)) return arrives_later(event);
    if (!is_for_sessions(*account, stanza)) return judged(host_, default_rules(*account), stanza);
    count_turned_away_by_sessions(host_, *account, stanza);
    return Verdict::next();
  }
  if (!is_for_account(stanza) || stanza.type == StanzaType::probe || is_own(stanza)) return Verdict::next();
  if (const RulesPtr* const rules = cache_.find(stanza.to)) return judged(host_, *rules, stanza);
  return arrives_later(event);
}

// Without the rules nobody gets through but who always does.
Task<Verdict> RuleBook::arrives_later(UserReceivesStanza& event) {
  const Stanza& stanza = event.stanza;
  const Jid user = stanza.to.bare();
  try {
    for (;;) {
      const RulesPtr rules = co_await load(user);
      const Account* const account = host_.hall.sessions.find(user);
      if (account == nullptr) co_return judged(host_, rules, stanza);
      // A change has overtaken the query.
      if (is_unknown(user)) continue;
      if (!is_for_sessions(*account, stanza)) co_return judged(host_, default_rules(*account), stanza);
      count_turned_away_by_sessions(host_, *account, stanza);
      co_return Verdict::next();
    }
  } catch (const std::exception& failure) {
    rules_not_read(user, failure);
  }
  if (is_own(stanza)) co_return Verdict::next();
  co_return turned_away(stanza, StanzaError::internal_server_error());
}

Answer<Verdict> RuleBook::sends(StanzaContext& context) {
  if (users_ == 0) return Verdict::next();
  host_.counts->rules.checked();
  const Stanza& stanza = context.stanza;
  const Jid& user = context.sender.account->bare;
  if (!is_unknown(user)) return may_leave(context.sender, stanza);
  const bool stays_here = stanza.to ? stanza.to.same_bare(user) : stanza.kind != StanzaKind::presence;
  if (stays_here) return Verdict::next();
  return sends_later(context);
}

Task<Verdict> RuleBook::sends_later(StanzaContext& context) {
  const Jid who = context.sender.jid;
  const Jid user = who.bare();
  bool failed = false;
  try {
    while (is_unknown(user)) co_await load(user);
  } catch (const std::exception& failure) {
    rules_not_read(user, failure);
    failed = true;
  }
  Session* const sender = host_.hall.sessions.find_session(who);
  if (sender == nullptr) co_return Verdict::next();
  if (failed) co_return stays(*sender, context.stanza, StanzaError::internal_server_error());
  co_return may_leave(*sender, context.stanza);
}

Verdict RuleBook::may_leave(Session& sender, const Stanza& stanza) {
  const Rules* const rules = rules_of(sender.rules);
  if (rules == nullptr || !stanza.to) return Verdict::next();
  const Rule* const denied = rules->denied_out(stanza);
  if (denied == nullptr) return Verdict::next();
  denied->blocks_address() ? host_.counts->rules.blocked() : host_.counts->rules.denied();
  return stays(sender, stanza, not_acceptable(*denied));
}

// The error comes in the name of somebody whose stanzas might not be let in, so it is sent past the rules.
Verdict RuleBook::stays(Session& sender, const Stanza& stanza, const StanzaError& why) {
  const bool says_goodbye = stanza.kind == StanzaKind::presence && stanza.type == StanzaType::unavailable;
  if (!stanza.is_answer() && !says_goodbye) host_.hall.router.send(sender, make_error(stanza, why));
  return Verdict::stop();
}

}  // namespace meerkat
