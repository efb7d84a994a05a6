// SPDX-License-Identifier: Apache-2.0
// A privacy list in force (XEP-0016 §2.2): who gets through, and what. Exact addresses are found by their hash, so that
// a long block list costs no more than a short one; the other rules are tried in their order.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/keyed_hash.h"
#include "core/stanza_rules.h"
#include "modules/privacy/rule_list.h"

namespace meerkat {

// Immutable, shared; any thread. Its owner and the owner's server always get through: nobody shuts himself out.
class Rules final : public StanzaRules {
 public:
  // `contacts` may be null: then everybody has a subscription of "none", and no group.
  Rules(const Jid& owner, std::shared_ptr<const RuleList> list, std::shared_ptr<const ContactList> contacts);

  bool lets_in(const Stanza& stanza) const override;
  // Of what is not let in: whether that is because its sender is blocked (XEP-0191).
  bool blocks_sender(const Stanza& stanza) const;
  bool lets_out(const Stanza& stanza) const override { return !denied_out(stanza); }
  // The rule by which it may not leave; null: it may.
  const Rule* denied_out(const Stanza& stanza) const;
  // Presence notifications alone.
  bool shows_presence_to(const Jid& who) const { return !denied(who, about::presence_out); }
  bool sees_presence_of(const Jid& who) const { return !denied(who, about::presence_in); }

  const RuleList& list() const { return *list_; }
  // Whether a rule is about groups or subscriptions.
  bool needs_contacts() const { return needs_contacts_; }
  const std::shared_ptr<const ContactList>& contacts() const { return contacts_; }
  // The same list with other contacts.
  std::shared_ptr<const Rules> with(std::shared_ptr<const ContactList> contacts) const;

  // About how many bytes of memory it takes.
  std::size_t footprint() const;

 private:
  const Rule* denied(const Jid& who, StanzaKinds kind) const;
  const Rule* first_match(const Jid& who, StanzaKinds kind) const;
  bool lets_invitations_in(const Stanza& message) const;
  bool is_own(const Jid& who) const;

  const Jid owner_;  // bare
  const std::shared_ptr<const RuleList> list_;
  const std::shared_ptr<const ContactList> contacts_;
  // The first rule of each address, and behind each rule the next of the same address.
  std::unordered_map<std::string_view, std::uint32_t, KeyedHash, std::equal_to<>> by_address_;
  std::vector<std::uint32_t> next_of_address_;
  std::vector<std::uint32_t> others_;
  bool needs_contacts_ = false;
};

using RulesPtr = std::shared_ptr<const Rules>;

}  // namespace meerkat
