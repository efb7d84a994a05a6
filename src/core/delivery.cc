// SPDX-License-Identifier: Apache-2.0
// RFC 6121 §8.5: what happens to a stanza at the home of its recipient.
#include "base/check.h"
#include "core/delay_stamp.h"
#include "core/events/routing_events.h"
#include "core/events/stream_events.h"
#include "core/hall.h"
#include "core/host_counts.h"
#include "core/router.h"
#include "core/stream_management.h"

namespace meerkat {
namespace {

// Whether a message is kept until a session has taken it; the others may be lost with their connection.
bool is_kept(const Stanza& message) { return message.type == StanzaType::normal || message.type == StanzaType::chat; }

bool anybody_takes_messages(const Account* account) {
  for (const Session* session = account ? account->first : nullptr; session; session = session->next_of_account)
    if (session->takes_messages()) return true;
  return false;
}

// Whether an entry that a session leaves behind is for somebody else now. While another device holds it, that one may
// still take it.
bool goes_on(const EntryRef& entry, Form form) {
  return form != Form::sent_copy && entry->must_arrive && !entry->taken && entry.last();
}

// Somebody is there, and wants nothing of it.
bool is_turned_away_by_all(const Account* account, const Stanza& stanza) {
  for (const Session* session = account ? account->first : nullptr; session; session = session->next_of_account)
    if (session->takes_messages() && !session->lets_in(stanza)) return true;
  return false;
}

StanzaError bounced(const HostType& host) {
  host.counts->message_bounced.add();
  return StanzaError::service_unavailable();
}

}  // namespace

void Router::deliver(HostType& host, Stanza stanza) {
  switch (stanza.kind) {
    case StanzaKind::message:
      return deliver_message(host, std::move(stanza));
    case StanzaKind::presence:
      return deliver_presence(stanza);
    case StanzaKind::iq:
      return deliver_iq(host, std::move(stanza));
  }
}

// What its recipient does not let in (XEP-0016 §2.14): whoever asked for something hears no more than of somebody who
// is not there.
void Router::turned_away(const Stanza& stanza) {
  const bool wants_answer =
      stanza.kind == StanzaKind::iq || (stanza.kind == StanzaKind::message && stanza.type != StanzaType::groupchat &&
                                        stanza.type != StanzaType::headline);
  if (wants_answer) refuse(stanza, StanzaError::service_unavailable());
}

// RFC 6121 §8.5.2.1.1, §8.5.3.2.1.
void Router::deliver_message(HostType& host, Stanza stanza) {
  Account* const account = hall_.sessions.find(stanza.to);
  const bool kept = is_kept(stanza);
  if (kept || (stanza.to.is_full() && SessionTable::session_of(account, stanza.to) != nullptr)) {
    EntryRef entry = make_entry(host, std::move(stanza), kept);
    if (kept && account != nullptr && account->backlog != nullptr)
      return account->backlog->stands_in_line(std::move(entry));
    return deliver_entry(host, account, entry);
  }
  if (stanza.type == StanzaType::error) return;
  if (stanza.type == StanzaType::headline) {
    // Only a chat follows its person to another resource.
    if (stanza.to.is_bare()) deliver_to_all(account, std::move(stanza));
    return;
  }
  // Group chat is for a device that is in the group. Somebody may keep it for an account that has none just now.
  if (stanza.to.is_full() || anybody_takes_messages(account)) return refuse(stanza, StanzaError::service_unavailable());
  finds_nobody(host, make_entry(host, std::move(stanza), true));
}

void Router::deliver_entry(HostType& host, Account* account, const EntryRef& entry) {
  const Stanza& stanza = entry->stanza;
  if (stanza.to.is_full()) {
    if (Session* const session = SessionTable::session_of(account, stanza.to)) {
      if (!session->lets_in(stanza)) return turned_away(stanza);
      send(*session, entry);
      return delivered(host, *account, entry, Reached::one(*session));
    }
    // Only a chat follows its person to another resource.
    if (stanza.type != StanzaType::chat) return refuse(stanza, StanzaError::service_unavailable());
  }
  if (const Reached reached = to_best_resources(account, entry); reached.anybody())
    return delivered(host, *account, entry, reached);
  if (is_turned_away_by_all(account, stanza)) return turned_away(stanza);
  finds_nobody(host, entry);
}

void Router::go_on(HostType& host, const EntryRef& entry) {
  Account* const account = hall_.sessions.find(entry->stanza.to);
  if (!entry->given_back) return deliver_entry(host, account, entry);
  if (!to_best_resources(account, entry).anybody()) finds_nobody(host, entry);
}

EntryRef Router::make_entry(HostType& host, Stanza stanza, bool must_arrive) {
  EntryRef entry = hall_.log.add(std::move(stanza), must_arrive);
  const HookChain<MessageGetsEntry>& chain = host.hooks.chain<MessageGetsEntry>();
  if (chain.empty()) return entry;
  MessageGetsEntry event{host, *entry};
  const Answer<Verdict> answer = chain.run(event);
  check(answer.at_hand(), "what is added to an entry is added at once");
  return entry;
}

void Router::deliver_to_all(Account* account, Stanza headline) {
  if (account == nullptr) return;
  const EntryRef entry = hall_.log.add(std::move(headline), false);
  for (Session* session = account->first; session != nullptr; session = session->next_of_account)
    if (session->takes_messages() && session->lets_in(entry->stanza)) send(*session, entry);
}

// All available resources of the highest priority, if that is not negative.
Reached Router::to_best_resources(Account* account, const EntryRef& entry) {
  int best = -1;
  const Stanza& stanza = entry->stanza;
  for (Session* session = account ? account->first : nullptr; session; session = session->next_of_account)
    if (session->available() && session->lets_in(stanza)) best = std::max<int>(best, session->priority);
  if (best < 0) return Reached::nobody();
  const Reached reached = Reached::all_of(best);
  for (Session* session = account->first; session; session = session->next_of_account)
    if (reached.includes(*session, stanza)) send(*session, entry);
  return reached;
}

void Router::delivered(HostType& host, Account& account, const EntryRef& entry, const Reached& reached) {
  const HookChain<MessageDelivered>& chain = host.hooks.chain<MessageDelivered>();
  if (chain.empty()) return;
  MessageDelivered event{host, account, entry, reached};
  const Answer<Verdict> answer = chain.run(event);
  check(answer.at_hand(), "what follows a delivery happens at once");
}

void Router::finds_nobody(HostType& host, EntryRef entry) {
  // It waits where it is kept already.
  if (entry->keeper) return;
  const HookCounts& counts = host.counts->hooks;
  (entry->stanza.type == StanzaType::groupchat ? counts.offline_groupchat_message : counts.offline_message).add();
  if (host.hooks.chain<MessageFindsNobody>().empty()) return refuse(entry->stanza, bounced(host));
  hall_.scope.spawn(keep_or_refuse(host, std::move(entry)));
}

Task<> Router::keep_or_refuse(HostType& host, EntryRef entry) {
  MessageFindsNobody event{host, *entry};
  const Verdict verdict = co_await host.run(event);
  if (verdict.error() != nullptr)
    refuse(entry->stanza, *verdict.error());
  else if (verdict.goes_on())
    refuse(entry->stanza, bounced(host));
}

// RFC 6121 §8.5.2.1.2, §8.5.3.2.2.
void Router::deliver_presence(const Stanza& stanza) {
  if (stanza.type == StanzaType::probe) {
    if (const HostType* const host = hall_.host_of(stanza.to.domain())) host->counts->hooks.presence_probe.add();
    return hall_.presence.probed(stanza);
  }
  Account* const account = hall_.sessions.find(stanza.to);
  if (account == nullptr) return;
  if (stanza.to.is_full()) {
    Session* const session = SessionTable::session_of(account, stanza.to);
    if (session != nullptr && session->lets_in(stanza)) send(*session, stanza);
    return;
  }
  if (stanza.type == StanzaType::error) return;
  for (Session* session = account->first; session; session = session->next_of_account)
    if (session->available() && session->lets_in(stanza)) send(*session, stanza);
}

// RFC 6121 §8.5.2.1.3, §8.5.3.1, §8.5.3.2.3.
void Router::deliver_iq(HostType& host, Stanza stanza) {
  if (stanza.to.is_full()) {
    Session* const session = hall_.sessions.find_session(stanza.to);
    if (session == nullptr) return refuse(stanza, StanzaError::service_unavailable());
    if (!session->lets_in(stanza)) return turned_away(stanza);
    return send(*session, stanza);
  }
  if (!stanza.is_answer() && may_ask(stanza)) hall_.scope.spawn(answer_iq(host, std::move(stanza), IqTarget::account));
}

void Router::give_back(Session& session) {
  Account* const account = hall_.sessions.find(session.jid);
  for (const SentEntry& sent : session.in_flight.give_back()) give_back(session.host, account, sent.entry, sent.form);
  if (session.management) give_back_unacknowledged(session, account);
  if (!session.valve) return;
  for (const Outgoing& held : session.valve->give_back()) {
    if (held.entry)
      give_back(session.host, account, held.entry, held.form);
    else if (held.stanza.kind == StanzaKind::iq)
      refuse(held.stanza, StanzaError::service_unavailable());
  }
}

// XEP-0198 §4: as if it had been sent to a resource that is not there.
void Router::give_back_unacknowledged(Session& session, Account* account) {
  const std::vector<SentEntry> rest = session.management->give_back();
  if (rest.empty()) return;
  session.host.counts->hooks.filter_unacknowledged_messages.add();
  if (const HookChain<UnacknowledgedGoOn>& chain = session.host.hooks.chain<UnacknowledgedGoOn>(); !chain.empty()) {
    UnacknowledgedGoOn event{session.host, session, rest};
    const Answer<Verdict> answer = chain.run(event);
    check(answer.at_hand(), "what follows the end of a session happens at once");
  }
  for (const SentEntry& sent : rest) {
    Stanza& stanza = sent.entry->stanza;
    if (stanza.kind == StanzaKind::message && stanza.type != StanzaType::groupchat) {
      if (goes_on(sent.entry, sent.form)) hall_.resumptions.count(Resumption::rerouted);
      if (sent.entry.last()) stamp_delay(stanza, sent.entry->id);
      give_back(session.host, account, sent.entry, sent.form);
    } else if (stanza.kind != StanzaKind::presence && !stanza.by_server) {
      // Group chat is for this device alone, and whoever sent it hears that it has left.
      refuse(stanza, StanzaError::service_unavailable());
    }
  }
}

void Router::give_back(HostType& host, Account* account, const EntryRef& entry, Form form) {
  if (!goes_on(entry, form)) return;
  entry->given_back = true;
  if (!to_best_resources(account, entry).anybody()) finds_nobody(host, entry);
}

}  // namespace meerkat
