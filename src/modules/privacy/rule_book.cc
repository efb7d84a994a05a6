// SPDX-License-Identifier: Apache-2.0
// How the rules of accounts are read, kept and changed. What they decide is in rule_book_routing.cc.
#include "modules/privacy/rule_book.h"

#include <exception>
#include <utility>
#include <vector>

#include "base/log.h"
#include "core/hall.h"
#include "modules/privacy/in_force.h"
#include "modules/privacy/measured_store.h"
#include "modules/privacy/presence_effects.h"
#include "modules/privacy/privacy_sql.h"
#include "store/sql/errors.h"

namespace meerkat {
namespace {

struct RuleBookPlace final : Note {
  std::unique_ptr<RuleBook> book;
};

// As long as the host type lives, whichever module starts or stops.
template <auto Method, class Event>
void listen(RuleBook& book, HookChain<Event>& chain, int priority) {
  chain.add(priority, &book,
            [](void* self, Event& event) -> Answer<Verdict> { return (static_cast<RuleBook*>(self)->*Method)(event); });
}
template <auto Method>
void listen(RuleBook& book, HostType& host, int priority) {
  using Event = typename hook_detail::HandlerOf<decltype(Method)>::Event;
  listen<Method>(book, host.hooks.chain<Event>(), priority);
}

bool has_available_session(const Account* account) {
  for (const Session* session = account ? account->first : nullptr; session; session = session->next_of_account)
    if (session->available()) return true;
  return false;
}

// Who hears of changed rules; null when nobody does. That must not fail: the rules are in the store already.
Task<std::shared_ptr<const ContactList>> contacts_to_tell(HostType& host, Jid user) {
  if (!has_available_session(host.hall.sessions.find(user))) co_return nullptr;
  try {
    auto contacts = co_await contacts_of(host, user);
    co_return contacts;
  } catch (const std::exception& failure) {
    rules_not_read(user, failure);
  }
  co_return nullptr;
}

}  // namespace

void rules_not_read(const Jid& user, const std::exception& failure) {
  const LogFields fields{{"user", user.text()}, {"error", failure.what()}};
  // The database has said so itself, once; here it would be once per stanza.
  if (dynamic_cast<const sql::Unavailable*>(&failure) != nullptr)
    log_debug("privacy_rules_not_read", fields);
  else
    log_error("privacy_rules_not_read", fields);
}

RuleBook::RuleBook(HostType& host, Backend backend)
    : line(std::make_shared<IqQueue>(IqProcessing{.type = IqProcessing::Type::no_queue, .workers = {}}, 1)),
      host_(host),
      store_(measured(sql_privacy_store(database_of(host, backend)), {host, "mod_privacy", backend})),
      rules_asked_(host.hall.metrics, "privacy_get_user_list", "Somebody wants the rules of an account.", host.name) {
  listen<&RuleBook::rules_asked>(*this, host, 50);
  listen<&RuleBook::session_opens>(*this, host, 1);
  listen<&RuleBook::session_ends>(*this, host, 99);
  listen<&RuleBook::session_is_kept>(*this, host, 50);
  // Before those who send it anything.
  listen<&RuleBook::session_is_restored>(*this, host, 10);
  listen<&RuleBook::arrives>(*this, host, 10);
  listen<&RuleBook::sends_message>(*this, host, 10);
  listen<&RuleBook::sends_presence>(*this, host, 10);
  listen<&RuleBook::sends_iq>(*this, host, 10);
  // Before those who tell contacts of presence.
  listen<&RuleBook::contact_changed>(*this, host, 10);
  listen<&RuleBook::account_registered>(*this, host, 50);
  listen<&RuleBook::account_removed>(*this, host, 50);
}

RuleBook::~RuleBook() = default;

RuleBook& RuleBook::of(HostType& host, Backend backend) {
  auto& place = host.notes.get<RuleBookPlace>();
  if (!place.book) place.book = std::make_unique<RuleBook>(host, backend);
  return *place.book;
}

// A module that comes while the server runs finds sessions there.
void RuleBook::opened() {
  if (++users_ != 1) return;
  host_.hall.sessions.for_each([this](const Session& session) {
    if (&session.host == &host_) unknown_.insert(session.account->bare);
  });
}

void RuleBook::closed() {
  if (--users_ != 0) return;
  host_.hall.sessions.for_each([this](Session& session) {
    if (&session.host != &host_) return;
    session.rules = nullptr;
    session.notes.drop<ActiveList>();
    session.account->notes.drop<DefaultRules>();
  });
  cache_.clear();
  unknown_.clear();
  loads_.overtake_all();
}

std::optional<RulesPtr> RuleBook::known(const Jid& user) {
  if (const Account* const account = host_.hall.sessions.find(user)) {
    if (is_unknown(user)) return std::nullopt;
    return default_rules(*account);
  }
  const RulesPtr* const cached = cache_.find(user);
  return cached != nullptr ? std::optional{*cached} : std::nullopt;
}

Answer<RulesPtr> RuleBook::default_of(const Jid& user) {
  if (auto rules = known(user)) return std::move(*rules);
  return load(user);
}

Answer<Verdict> RuleBook::rules_asked(RulesAsked& event) {
  if (users_ == 0) return Verdict::next();
  rules_asked_.add();
  Answer<RulesPtr> answer = default_of(event.user);
  if (!answer.at_hand()) return bring_rules(event, answer.take_task());
  event.rules = std::move(answer.value());
  return Verdict::stop();
}

Task<Verdict> RuleBook::bring_rules(RulesAsked& event, Task<RulesPtr> coming) {
  try {
    event.rules = co_await coming;
  } catch (...) {
    event.failure = std::current_exception();  // for who asked
  }
  co_return Verdict::stop();
}

Task<RulesPtr> RuleBook::load(const Jid& user) {
  return loads_.answer(
      user, [this, user] { return read(user); }, [this, user](const RulesPtr& rules) { adopt(user, rules); });
}

Task<RulesPtr> RuleBook::read(Jid user) {
  std::optional<RuleList> list = co_await store_->default_list(user);
  if (!list) co_return nullptr;
  RulesPtr rules = co_await compiled(user, std::move(*list));
  co_return rules;
}

Task<RulesPtr> RuleBook::compiled(Jid user, RuleList list) {
  auto rules = std::make_shared<const Rules>(user, std::make_shared<const RuleList>(std::move(list)), nullptr);
  if (!rules->needs_contacts()) co_return rules;
  auto contacts = co_await contacts_of(host_, user);
  co_return rules->with(std::move(contacts));
}

// Nobody is told: so it was before.
void RuleBook::adopt(const Jid& user, const RulesPtr& rules) {
  cache_.put(user, rules);
  unknown_.erase(user);
  Account* const account = host_.hall.sessions.find(user);
  if (account == nullptr) return;
  set_default_rules(*account, rules);
  for (Session* session = account->first; session != nullptr; session = session->next_of_account)
    if (!has_active(*session)) session->rules = rules;
}

void RuleBook::change(Session& session, const RulesPtr& rules, const ContactList* contacts) {
  const auto before = std::exchange(session.rules, rules);
  tell_of_changed_rules(session, rules_of(before), rules.get(), contacts);
}

Task<> RuleBook::set_default(Jid user, RulesPtr rules) {
  const auto contacts = co_await contacts_to_tell(host_, user);
  loads_.overtake(user);
  unknown_.erase(user);
  cache_.put(user, rules);
  Account* const account = host_.hall.sessions.find(user);
  if (account == nullptr) co_return;
  set_default_rules(*account, rules);
  for (Session* session = account->first; session != nullptr; session = session->next_of_account)
    if (!has_active(*session)) change(*session, rules, contacts.get());
}

Task<> RuleBook::set_active(Jid who, RulesPtr rules) {
  const auto contacts = co_await contacts_to_tell(host_, who);
  Session* const session = host_.hall.sessions.find_session(who);
  if (session == nullptr) co_return;
  if (rules)
    session->notes.get<ActiveList>();
  else
    session->notes.drop<ActiveList>();
  change(*session, rules ? rules : default_rules(*session->account), contacts.get());
}

Task<> RuleBook::list_changed(Jid user, RulesPtr rules) {
  const std::string& name = rules->list().name;
  const RulesPtr by_default = co_await default_of(user);
  if (by_default && by_default->list().name == name) co_await set_default(user, rules);
  const auto contacts = co_await contacts_to_tell(host_, user);
  Account* const account = host_.hall.sessions.find(user);
  for (Session* session = account ? account->first : nullptr; session; session = session->next_of_account)
    if (has_active(*session) && list_in_force(*session) == name) change(*session, rules, contacts.get());
}

bool RuleBook::has_active(const Session& session) { return session.notes.find<ActiveList>() != nullptr; }

std::string_view RuleBook::list_in_force(const Session& session) {
  const Rules* const rules = rules_of(session.rules);
  return rules != nullptr ? std::string_view{rules->list().name} : std::string_view{};
}

Answer<Verdict> RuleBook::session_opens(SessionOpens& event) {
  if (users_ == 0) return Verdict::next();
  Session& session = event.session;
  const Account& account = *session.account;
  if (is_unknown(account.bare)) return opens_later(account.bare);
  const bool is_first = account.first == &session && session.next_of_account == nullptr;
  if (!is_first) {
    session.rules = default_rules(account);
    return Verdict::next();
  }
  if (const RulesPtr* const cached = cache_.find(account.bare)) {
    const RulesPtr rules = *cached;
    adopt(account.bare, rules);
    return Verdict::next();
  }
  unknown_.insert(account.bare);
  return opens_later(account.bare);
}

// Should it fail, whatever comes for the account or leaves it tries again.
Task<Verdict> RuleBook::opens_later(Jid user) {
  try {
    co_await load(user);
  } catch (const std::exception& failure) {
    rules_not_read(user, failure);
  }
  co_return Verdict::next();
}

Verdict RuleBook::session_ends(SessionEnds& event) {
  if (!unknown_.empty() && host_.hall.sessions.find(event.session.jid) == nullptr)
    unknown_.erase(event.session.jid.bare());
  return Verdict::next();
}

// XEP-0016 §2.2, 9: what is decided from now on is decided by the contact as it is now.
Answer<Verdict> RuleBook::contact_changed(ContactChanged& event) {
  if (users_ == 0) return Verdict::next();
  const Jid& user = event.user;
  loads_.overtake(user);
  const Account* const account = host_.hall.sessions.find(user);
  if (account == nullptr) {
    cache_.drop(user);
    return Verdict::next();
  }
  const auto needs_contacts = [](const Rules* rules) { return rules != nullptr && rules->needs_contacts(); };
  bool somebody = needs_contacts(default_rules(*account).get());
  for (const Session* session = account->first; session != nullptr; session = session->next_of_account)
    somebody = somebody || needs_contacts(rules_of(session->rules));
  if (!somebody) return Verdict::next();
  return follow_contact(event);
}

Task<Verdict> RuleBook::follow_contact(ContactChanged& event) {
  const Jid user = event.user;
  const auto contacts = co_await contacts_of(host_, user);
  Account* const account = host_.hall.sessions.find(user);
  if (account == nullptr || !contacts) {
    cache_.drop(user);
    co_return Verdict::next();
  }
  // Changes of a subscription are told by those who make them.
  ContactList regrouped;
  if (event.before != nullptr && event.after != nullptr && event.before->subscription == event.after->subscription)
    regrouped = ContactList{{*event.after}};
  RulesPtr by_default = default_rules(*account);
  if (by_default && by_default->needs_contacts()) {
    by_default = by_default->with(contacts);
    set_default_rules(*account, by_default);
    cache_.put(user, by_default);
  }
  for (Session* session = account->first; session != nullptr; session = session->next_of_account) {
    const Rules* const rules = rules_of(session->rules);
    if (rules == nullptr || !rules->needs_contacts()) continue;
    change(*session, has_active(*session) ? rules->with(contacts) : by_default, &regrouped);
  }
  co_return Verdict::next();
}

Task<> RuleBook::forget(Jid user) {
  co_await store_->forget(user);
  loads_.overtake(user);
  cache_.drop(user);
  unknown_.erase(user);
  Account* const account = host_.hall.sessions.find(user);
  if (account == nullptr) co_return;
  set_default_rules(*account, nullptr);
  for (Session* session = account->first; session != nullptr; session = session->next_of_account) {
    session->notes.drop<ActiveList>();
    session->rules = nullptr;
  }
}

// Of an account of the same name, whose end was not heard here.
Task<Verdict> RuleBook::account_registered(AccountRegistered& event) {
  const Jid user = event.user.bare();
  IqTurn turn{line, user};
  co_await turn;
  turn.take();
  const bool knows = co_await store_->knows(user);
  if (knows) co_await forget(user);
  co_return Verdict::next();
}

Task<Verdict> RuleBook::account_removed(AccountRemoved& event) {
  const Jid user = event.user.bare();
  IqTurn turn{line, user};
  co_await turn;
  turn.take();
  co_await forget(user);
  co_return Verdict::next();
}

}  // namespace meerkat
