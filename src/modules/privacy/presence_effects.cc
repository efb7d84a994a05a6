// SPDX-License-Identifier: Apache-2.0
#include "modules/privacy/presence_effects.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "core/hall.h"

namespace meerkat {
namespace {

Stanza presence(StanzaType type, const Jid& from, const Jid& to) {
  return make_stanza(StanzaKind::presence, type, from, to, {}, {});
}

struct Change {
  bool was, is;
  bool begins() const { return !was && is; }
  bool ends() const { return was && !is; }
};

Change shown_to(const Jid& who, const Rules* before, const Rules* now) {
  return {before == nullptr || before->shows_presence_to(who), now == nullptr || now->shows_presence_to(who)};
}

Change seen_of(const Jid& who, const Rules* before, const Rules* now) {
  return {before == nullptr || before->sees_presence_of(who), now == nullptr || now->sees_presence_of(who)};
}

// Who got directed presence hears of its end now, for later he does not get it any more.
void end_directed(Session& session, const Rules* before, const Rules* now) {
  if (!session.directed) return;
  auto& [to, bytes] = *session.directed;
  std::vector<Jid> ended;
  for (const Jid& who : to)
    if (shown_to(who, before, now).ends()) ended.push_back(who);
  for (const Jid& who : ended) {
    std::erase(to, who);
    bytes -= who.text().size();
    session.host.hall.router.route(presence(StanzaType::unavailable, session.jid, who));
  }
  if (to.empty()) session.directed = nullptr;
}

void tell_shown(Session& session, const Jid& who, const Change& change) {
  PresenceBroadcast& presence = session.host.hall.presence;
  if (change.ends()) presence.hide(session, who);
  if (change.begins()) presence.show(session, who);
}

void tell_seen(Session& session, const Jid& who, const Change& change) {
  Router& router = session.host.hall.router;
  if (change.ends()) router.send(session, presence(StanzaType::unavailable, who, session.jid));
  if (change.begins()) router.route(presence(StanzaType::probe, session.jid, who));
}

// For a resource, when the whole account has been told: all resources of the end, and those that may be of the
// beginning.
Change beside(const Change& whole, Change resource) {
  if (whole.was != whole.is) resource.was = whole.is && resource.is;
  return resource;
}

// The resources that rules name, each once.
std::vector<Jid> named_resources(const Rules* before, const Rules* now) {
  std::vector<Jid> named;
  for (const Rules* const rules : {before, now}) {
    if (rules == nullptr) continue;
    for (const Rule& rule : rules->list().rules)
      if (rule.by == RuleBy::jid && rule.jid.is_full()) named.push_back(rule.jid);
  }
  std::ranges::sort(named, {}, &Jid::text);
  const auto again = std::ranges::unique(named);
  named.erase(again.begin(), again.end());
  return named;
}

}  // namespace

void tell_of_changed_rules(Session& session, const Rules* before, const Rules* now, const ContactList* contacts) {
  if (before == now) return;
  end_directed(session, before, now);
  if (!session.available() || contacts == nullptr) return;
  for (const ContactList::Entry& contact : *contacts) {
    const Jid& who = contact.jid;
    if (!who.is_bare() || who.same_bare(session.jid)) continue;
    if (is_seen(contact.subscription)) tell_shown(session, who, shown_to(who, before, now));
    if (sees(contact.subscription)) tell_seen(session, who, seen_of(who, before, now));
  }
  for (const Jid& who : named_resources(before, now)) {
    const ContactList::Entry* const contact = contacts->find(who.bare());
    if (contact == nullptr || who.same_bare(session.jid)) continue;
    const Jid& whole = contact->jid;
    if (is_seen(contact->subscription))
      tell_shown(session, who, beside(shown_to(whole, before, now), shown_to(who, before, now)));
    if (sees(contact->subscription))
      tell_seen(session, who, beside(seen_of(whole, before, now), seen_of(who, before, now)));
  }
}

}  // namespace meerkat
