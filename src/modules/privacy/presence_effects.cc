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

Stanza last_presence(const Session& session, const Jid& to) {
  return {.kind = StanzaKind::presence,
          .type = StanzaType::available,
          .by_server = true,
          .from = session.jid,
          .to = to,
          .body = session.presence};
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

}  // namespace

void tell_of_changed_rules(Session& session, const Rules* before, const Rules* now, const ContactList* contacts) {
  if (before == now) return;
  Router& router = session.host.hall.router;
  end_directed(session, before, now);
  if (!session.available() || contacts == nullptr) return;
  for (const ContactList::Entry& contact : *contacts) {
    const Jid& who = contact.jid;
    if (!who.is_bare() || who.same_bare(session.jid)) continue;
    if (is_seen(contact.subscription)) {
      const Change change = shown_to(who, before, now);
      if (change.ends()) router.route(presence(StanzaType::unavailable, session.jid, who));
      if (change.begins()) router.route(last_presence(session, who));
    }
    if (sees(contact.subscription)) {
      const Change change = seen_of(who, before, now);
      if (change.ends()) router.send(session, presence(StanzaType::unavailable, who, session.jid));
      if (change.begins()) router.route(presence(StanzaType::probe, session.jid, who));
    }
  }
}

}  // namespace meerkat
