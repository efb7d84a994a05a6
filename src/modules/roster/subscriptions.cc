// SPDX-License-Identifier: Apache-2.0
#include "modules/roster/subscriptions.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/log.h"
#include "core/hall.h"
#include "core/host_counts.h"
#include "modules/roster/roster_item.h"
#include "modules/roster/subscription_state.h"
#include "runtime/workers.h"
#include "xml/builder.h"

namespace meerkat {
namespace {

// §3.1.3: of requests that nobody has answered. One more is turned down; a larger one is kept without what it says.
constexpr std::size_t most_requests = 250;
constexpr std::size_t largest_request = 8 * 1024;

constexpr std::size_t contacts_per_turn = 500;

std::optional<Contact> contact_of(const RosterState& roster, const Jid& address) {
  const ContactList::Entry* const entry = roster.contacts->find(address);
  if (entry == nullptr) return std::nullopt;
  return roster.contacts->contact(*entry);
}

// An entry that is not part of the roster is there for the contact's request only.
std::optional<Contact> unless_empty(Contact contact) {
  if (!contact.listed && !contact.asked_in) return std::nullopt;
  return contact;
}

bool gets_room(const ContactChange& change) {
  return change.after && change.after->listed && !(change.before && change.before->listed);
}

// What the store does with the kept request.
std::optional<std::string> answered(const ContactChange& change) {
  const bool was = change.before && change.before->asked_in;
  const bool is = change.after && change.after->asked_in;
  if (was && !is) return std::string{};
  return std::nullopt;
}

std::string kept_form(const Stanza& request) {
  std::string text;
  append_stanza(text, request);
  if (text.size() <= largest_request) return text;
  text.clear();
  append_stanza(text, make_stanza(request.kind, request.type, request.from, request.to, {}, {}));
  return text;
}

// Nothing when what was kept is no stanza of ours.
std::optional<Stanza> request_of(const PendingRequest& kept, const Jid& user, xml::Parser& parser) {
  Stanza stanza{.kind = StanzaKind::presence, .type = StanzaType::subscribe, .from = kept.from, .to = user};
  if (!kept.stanza.starts_with("<presence")) {
    const std::string status = kept.stanza.empty() ? "" : xml::Builder("status").text(kept.stanza).str();
    return make_stanza(stanza.kind, stanza.type, stanza.from, stanza.to, {}, status);
  }
  const auto index = parser.parse(kept.stanza, xml::StreamScope::client(), xml::Limits::none());
  if (!index) return std::nullopt;
  stanza.body = BodyRef::copy_of(*index, {});
  return stanza;
}

}  // namespace

void Subscriptions::route(StanzaType type, const Jid& from, const Jid& to) {
  host_.hall.router.route(make_stanza(StanzaKind::presence, type, from, to, {}, {}));
}

Task<Verdict> Subscriptions::leaves(Stanza stanza) {
  rosters_.counts().subscription_leaves.add();
  const Jid user = stanza.from = stanza.from.bare();
  const Jid contact = stanza.to = stanza.to.bare();
  if (contact == user) co_return Verdict::refuse(StanzaError::not_allowed("everybody sees himself"));
  if (!fits_store(user, contact))
    co_return Verdict::refuse(StanzaError::not_acceptable("the address of the contact is too long"));
  if (stanza.type == StanzaType::subscribe && !host_.hall.is_ours(contact.domain()))
    co_return Verdict::refuse(StanzaError::remote_server_not_found("this server does not talk to other servers yet"));

  const auto turn = co_await rosters_.turns.of(user);
  const RosterState roster = co_await rosters_.of(user);
  ContactChange change{.before = contact_of(roster, contact), .after = {}};
  const SubscriptionState before = change.before ? state_of(*change.before) : SubscriptionState{};
  const SubscriptionStep step = step_outwards(stanza.type, before);
  Contact after = change.before.value_or(Contact{.jid = contact, .listed = false});
  set_state(after, step.after);
  // A wish of the account makes a contact of whoever it is about (§3.1.2, §3.1.5, §3.4.2).
  after.listed = after.listed || after.asked_out || after.approved || after.subscription != Subscription::none;
  change.after = unless_empty(std::move(after));
  if (gets_room(change) && !rosters_.has_room(*roster.contacts))
    co_return Verdict::refuse(StanzaError::resource_constraint("your roster is full"));
  co_await leave(std::move(stanza), std::move(change), step.goes_on);
  co_return Verdict::stop();
}

Task<> Subscriptions::leave(Stanza stanza, ContactChange change, bool goes_on) {
  const Jid user = stanza.from;
  const bool changes = change.changes_anything();
  RosterState roster;
  if (changes) roster = co_await rosters_.change(user, change, answered(change));
  // §3.2.2: while the contact is still subscribed it is told that nobody is there.
  const bool ends = change.ends_being_seen();
  if (ends) co_await rosters_.tell(user, change);
  if (goes_on) host_.hall.router.route(std::move(stanza));
  if (!changes) co_return;
  if (change.shows()) rosters_.push(user, change, roster);
  if (!ends) co_await rosters_.tell(user, change);
}

Task<> Subscriptions::arrives(Stanza stanza) {
  const Jid user = stanza.to = stanza.to.bare();
  const Jid contact = stanza.from = stanza.from.bare();
  if (contact == user) co_return;
  const auto turn = co_await rosters_.turns.of(user);
  const RosterState roster = co_await rosters_.of(user);
  ContactChange change{.before = contact_of(roster, contact), .after = {}};
  const SubscriptionState before = change.before ? state_of(*change.before) : SubscriptionState{};
  const SubscriptionStep step = step_inwards(stanza.type, before);
  Contact after = change.before.value_or(Contact{.jid = contact, .listed = false});
  set_state(after, step.after);
  change.after = unless_empty(std::move(after));
  const bool may = co_await may_ask(stanza, roster, change);
  if (may) co_await arrive(std::move(stanza), std::move(change), step.goes_on, step.is_granted);
}

// §3.1.3: whether a request can be kept. Others can always.
Task<bool> Subscriptions::may_ask(const Stanza& request, const RosterState& roster, const ContactChange& change) {
  const bool is_new = change.after && change.after->asked_in && !(change.before && change.before->asked_in);
  if (!is_new) co_return true;
  if (!fits_store(request.to, request.from)) {
    deny(request, "the addresses are too long");
    co_return false;
  }
  const auto waiting = std::ranges::count_if(*roster.contacts, [](const auto& entry) { return entry.asked_in; });
  if (std::cmp_greater_equal(waiting, most_requests)) {
    deny(request, "too many wait for an answer");
    co_return false;
  }
  // Whoever has a session or a contact has an account. Of others nothing is said, and nothing kept.
  if (!roster.contacts->empty() || host_.hall.sessions.find(request.to) != nullptr) co_return true;
  const bool known = co_await host_.counts->does_user_exist(host_.accounts.exists(request.to));
  co_return known;
}

void Subscriptions::deny(const Stanza& request, std::string_view because) {
  log_info("subscription_request_denied",
           {{"user", request.to.text()}, {"from", request.from.text()}, {"because", because}});
  route(StanzaType::unsubscribed, request.to, request.from);
}

Task<> Subscriptions::arrive(Stanza stanza, ContactChange change, bool goes_on, bool is_granted) {
  const Jid user = stanza.to;
  const Jid contact = stanza.from;
  const bool changes = change.changes_anything();
  RosterState roster;
  if (changes) {
    std::optional<std::string> request = answered(change);
    if (change.after && change.after->asked_in && goes_on) request = kept_form(stanza);
    roster = co_await rosters_.change(user, change, std::move(request));
  }
  // §3.1.6, §3.2.3, §3.3.3: clients hear the stanza before the push that says what it changed.
  if (goes_on) deliver(stanza);
  if (is_granted) route(StanzaType::subscribed, user, contact);
  if (!changes) co_return;
  if (change.shows()) rosters_.push(user, change, roster);
  co_await rosters_.tell(user, change);
}

// §3.1.3: a request is for available sessions; all others are for interested ones.
void Subscriptions::deliver(const Stanza& stanza) {
  const Account* const account = host_.hall.sessions.find(stanza.to);
  const bool asks = stanza.type == StanzaType::subscribe;
  for (Session* session = account != nullptr ? account->first : nullptr; session; session = session->next_of_account)
    if ((asks ? session->available() : session->wants_roster) && session->lets_in(stanza))
      host_.hall.router.send(*session, stanza);
}

Task<> Subscriptions::remind(Jid session) {
  const Jid user = session.bare();
  const RosterState roster = co_await rosters_.of(user);
  if (std::ranges::none_of(*roster.contacts, [](const auto& entry) { return entry.asked_in; })) co_return;
  const std::vector<PendingRequest> requests = co_await rosters_.store().requests(user, most_requests);
  Session* const available = host_.hall.sessions.find_session(session);
  if (available == nullptr || !available->available()) co_return;
  for (const PendingRequest& kept : requests) {
    const auto request = request_of(kept, user, host_.hall.parser);
    if (request && available->lets_in(*request)) host_.hall.router.send(*available, *request);
  }
}

Task<> Subscriptions::end(Jid user, Contact contact) {
  ContactChange change{.before = std::move(contact), .after = {}};
  const Contact& before = *change.before;
  // Whoever has asked has still not been answered.
  if (before.asked_in) change.after = Contact{.jid = before.jid, .asked_in = true, .listed = false};
  const RosterState roster = co_await rosters_.change(user, change);
  rosters_.push(user, change, roster);
  co_await rosters_.tell(user, change);
  if (sees(before.subscription) || before.asked_out) route(StanzaType::unsubscribe, user, before.jid);
  if (is_seen(before.subscription)) route(StanzaType::unsubscribed, user, before.jid);
}

Task<> Subscriptions::end_all(Jid user) {
  const auto turn = co_await rosters_.turns.of(user);
  const RosterState roster = co_await rosters_.of(user);
  std::size_t done = 0;
  for (const ContactList::Entry& entry : *roster.contacts) {
    const ContactChange change{.before = roster.contacts->contact(entry), .after = {}};
    co_await rosters_.tell(user, change);
    if (sees(entry.subscription) || entry.asked_out) route(StanzaType::unsubscribe, user, entry.jid);
    if (is_seen(entry.subscription) || entry.asked_in) route(StanzaType::unsubscribed, user, entry.jid);
    if (++done % contacts_per_turn == 0) co_await next_turn();
  }
  co_await rosters_.forget(user);
}

}  // namespace meerkat
