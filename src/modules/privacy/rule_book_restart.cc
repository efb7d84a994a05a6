// SPDX-License-Identifier: Apache-2.0
// What the rule book knows of sessions that outlive the server.
#include "core/hall.h"
#include "modules/privacy/in_force.h"
#include "modules/privacy/list_pushes.h"
#include "modules/privacy/rule_book.h"

namespace meerkat {
namespace {

constexpr std::string_view active_list = "privacy.active_list", knows_lists = "privacy.knows_lists",
                           wants_block_list = "blocking.wants_pushes";

}  // namespace

Verdict RuleBook::session_is_kept(SessionIsKept& event) {
  const Notes& notes = event.session.notes;
  if (has_active(event.session)) event.facts.add(active_list, std::string{list_in_force(event.session)});
  if (notes.find<KnowsPrivacyLists>() != nullptr) event.facts.add(knows_lists, {});
  if (notes.find<WantsBlockList>() != nullptr) event.facts.add(wants_block_list, {});
  return Verdict::next();
}

// Should it fail, what comes for the account or leaves it waits, and tries again.
Task<Verdict> RuleBook::session_is_restored(SessionIsRestored& event) {
  Notes& notes = event.session.notes;
  if (event.facts.find(knows_lists) != nullptr) notes.get<KnowsPrivacyLists>();
  if (event.facts.find(wants_block_list) != nullptr) notes.get<WantsBlockList>();
  if (users_ == 0) co_return Verdict::next();
  const Jid who = event.session.jid;
  try {
    co_await take_rules_again(who, event.facts.find(active_list));
  } catch (const std::exception& failure) {
    rules_not_read(who, failure);
  }
  co_return Verdict::next();
}

Task<> RuleBook::take_rules_again(Jid who, const std::string* active) {
  const Jid user = who.bare();
  if (const RulesPtr* const cached = cache_.find(user)) {
    const RulesPtr rules = *cached;
    adopt(user, rules);
  } else {
    unknown_.insert(user);
    co_await load(user);
  }
  if (active == nullptr) co_return;
  auto list = co_await store_->list(user, *active);
  if (!list) co_return;
  RulesPtr rules = co_await compiled(user, std::move(*list));
  Session* const session = host_.hall.sessions.find_session(who);
  if (session == nullptr) co_return;
  session->notes.get<ActiveList>();
  session->rules = std::move(rules);
}

}  // namespace meerkat
