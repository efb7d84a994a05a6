// SPDX-License-Identifier: Apache-2.0
#include "modules/privacy/rules.h"

#include <algorithm>
#include <utility>

namespace meerkat {
namespace {

constexpr std::uint32_t none = ~std::uint32_t{0};

// XEP-0016 §2.1: presence notifications are available and unavailable, and nothing else.
bool is_notification(const Stanza& presence) {
  return presence.type == StanzaType::available || presence.type == StanzaType::unavailable;
}

StanzaKinds kind_in(const Stanza& stanza) {
  switch (stanza.kind) {
    case StanzaKind::message:
      return about::message;
    case StanzaKind::iq:
      return about::iq;
    case StanzaKind::presence:
      return is_notification(stanza) ? about::presence_in : 0;
  }
  return 0;
}

bool is_in(const std::vector<std::string_view>& groups, std::string_view group) {
  return std::ranges::find(groups, group) != groups.end();
}

bool is_about(const Rule& rule, const ContactList* contacts, const ContactList::Entry* contact) {
  switch (rule.by) {
    case RuleBy::everybody:
      return true;
    case RuleBy::subscription:
      return (contact != nullptr ? contact->subscription : Subscription::none) == rule.subscription;
    case RuleBy::group:
      return contact != nullptr && is_in(contacts->groups_of(*contact), rule.group);
    case RuleBy::jid:
      break;
  }
  return false;
}

}  // namespace

Rules::Rules(const Jid& owner, std::shared_ptr<const RuleList> list, std::shared_ptr<const ContactList> contacts)
    : owner_(owner.bare()), list_(std::move(list)), contacts_(std::move(contacts)) {
  const std::vector<Rule>& rules = list_->rules;
  next_of_address_.resize(rules.size(), none);
  for (std::size_t i = rules.size(); i-- > 0;) {
    const auto here = static_cast<std::uint32_t>(i);
    if (rules[i].by != RuleBy::jid) {
      others_.push_back(here);
      needs_contacts_ = needs_contacts_ || rules[i].by != RuleBy::everybody;
      continue;
    }
    const auto [place, is_last] = by_address_.try_emplace(rules[i].jid.text(), here);
    if (!is_last) next_of_address_[i] = std::exchange(place->second, here);
  }
  std::ranges::reverse(others_);
}

RulesPtr Rules::with(std::shared_ptr<const ContactList> contacts) const {
  return std::make_shared<const Rules>(owner_, list_, std::move(contacts));
}

std::size_t Rules::footprint() const {
  std::size_t bytes = sizeof *this + list_->bytes() + list_->rules.size() * (sizeof(Rule) + 100);
  if (contacts_) bytes += contacts_->footprint();
  return bytes;
}

// XEP-0016 §2.1: never from one resource of an account to another.
bool Rules::is_own(const Jid& who) const {
  return who.empty() || who.same_bare(owner_) || (!who.has_node() && who.domain() == owner_.domain());
}

// §2.2, 5 and 6: the first in ascending order that is about it. §2.1: an address is meant by a rule for itself, for its
// bare address or for its domain.
const Rule* Rules::first_match(const Jid& who, StanzaKinds kind) const {
  const std::vector<Rule>& rules = list_->rules;
  const StanzaKinds wanted = kind | about::everything;
  std::uint32_t best = none;
  const auto look = [&](std::string_view address) {
    const auto place = by_address_.find(address);
    if (place == by_address_.end()) return;
    for (std::uint32_t i = place->second; i < best; i = next_of_address_[i])
      if ((rules[i].kinds & wanted) != 0) best = i;
  };
  if (!by_address_.empty()) {
    look(who.text());
    if (who.is_full()) look(who.bare_text());
    if (who.has_node()) look(who.domain());
  }
  const ContactList::Entry* contact = nullptr;
  if (needs_contacts_ && contacts_) contact = contacts_->find(who.is_full() ? who.bare() : who);
  for (const std::uint32_t i : others_) {
    if (i >= best) break;
    if ((rules[i].kinds & wanted) != 0 && is_about(rules[i], contacts_.get(), contact)) best = i;
  }
  return best == none ? nullptr : &rules[best];
}

// §2.2, 7: what no rule is about is allowed.
const Rule* Rules::denied(const Jid& who, StanzaKinds kind) const {
  if (is_own(who)) return nullptr;
  const Rule* const rule = first_match(who, kind);
  return rule != nullptr && rule->denies() ? rule : nullptr;
}

bool Rules::lets_in(const Stanza& stanza) const {
  if (denied(stanza.from, kind_in(stanza)) != nullptr) return false;
  return stanza.kind != StanzaKind::message || lets_invitations_in(stanza);
}

bool Rules::blocks_sender(const Stanza& stanza) const {
  const Rule* const rule = denied(stanza.from, kind_in(stanza));
  return rule != nullptr && rule->blocks_address();
}

// XEP-0045 §7.8.2: an invitation comes from the room, in somebody's name.
bool Rules::lets_invitations_in(const Stanza& message) const {
  const auto user = message.element().child("x", ns::muc_user);
  if (!user) return true;
  for (const xml::Element invitation : user->children()) {
    const auto from = invitation.attr("from");
    if (!from || !invitation.is("invite", ns::muc_user)) continue;
    const auto who = Jid::parse(from->str());
    if (who && denied(*who, about::message) != nullptr) return false;
  }
  return true;
}

const Rule* Rules::denied_out(const Stanza& stanza) const {
  const bool notifies = stanza.kind == StanzaKind::presence && is_notification(stanza);
  return denied(stanza.to, notifies ? about::presence_out : StanzaKinds{0});
}

}  // namespace meerkat
