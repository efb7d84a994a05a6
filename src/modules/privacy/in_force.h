// SPDX-License-Identifier: Apache-2.0
// What the rule book keeps with accounts and sessions.
#pragma once

#include <exception>
#include <utility>

#include "core/session.h"
#include "modules/privacy/rules.h"

namespace meerkat {

// With an account that has a default list.
struct DefaultRules final : Note {
  RulesPtr rules;
};

// With a session: its rules are those of a list of its own (XEP-0016 §2.4).
struct ActiveList final : Note {};

inline RulesPtr default_rules(const Account& account) {
  const auto* const note = account.notes.find<DefaultRules>();
  return note != nullptr ? note->rules : nullptr;
}

inline void set_default_rules(Account& account, RulesPtr rules) {
  if (rules)
    account.notes.get<DefaultRules>().rules = std::move(rules);
  else
    account.notes.drop<DefaultRules>();
}

// Why nobody gets through for now; for the log.
void rules_not_read(const Jid& user, const std::exception& failure);

// The rules of a session are made here and nowhere else.
inline const Rules* rules_of(const std::shared_ptr<const StanzaRules>& rules) {
  return static_cast<const Rules*>(rules.get());
}

}  // namespace meerkat
