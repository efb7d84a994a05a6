// SPDX-License-Identifier: Apache-2.0
// The rules of the accounts that live on one worker: read when a session opens, in force with its sessions, asked for
// every stanza that comes for an account or leaves it. Privacy lists and the blocking command are two ways to write in
// it.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <unordered_set>

#include "core/backend.h"
#include "core/events/account_events.h"
#include "core/events/routing_events.h"
#include "core/events/stream_events.h"
#include "core/hook_count.h"
#include "core/host_type.h"
#include "core/iq_queue.h"
#include "core/session.h"
#include "modules/privacy/privacy_events.h"
#include "modules/privacy/privacy_store.h"
#include "modules/privacy/rules_cache.h"
#include "runtime/answer.h"
#include "runtime/shared_questions.h"

namespace meerkat {

// Lives with its host type, from the first start of a module that uses it. Users are bare addresses. What it keeps with
// an account: its default list; with a session: the rules in force, and whether these are an active list of its own.
class RuleBook {
 public:
  RuleBook(HostType& host, Backend backend);
  ~RuleBook();
  RuleBook(const RuleBook&) = delete;
  RuleBook& operator=(const RuleBook&) = delete;

  // The one of this host type. Who asks first says where the rules are kept.
  static RuleBook& of(HostType& host, Backend backend);

  // While nobody uses it, everybody gets through.
  class Use {
   public:
    explicit Use(RuleBook& book) : book_(book) { book_.opened(); }
    ~Use() { book_.closed(); }
    Use(const Use&) = delete;
    Use& operator=(const Use&) = delete;

   private:
    RuleBook& book_;
  };

  // Whoever changes the lists of an account stands in line by its bare address, before he looks at them.
  const std::shared_ptr<IqQueue> line;

  PrivacyStore& store() { return *store_; }

  // The default list of an account; null when there is none. Throws what the database throws.
  Answer<RulesPtr> default_of(const Jid& user);
  // A list as rules, with the contacts it needs.
  Task<RulesPtr> compiled(Jid user, RuleList list);

  // For the sessions of the account that have no active list, and for what no session decides. Contacts hear of
  // presence that they see now or see no longer.
  Task<> set_default(Jid user, RulesPtr rules);
  // For one session; null: it goes by the default list again. Nothing happens when it is gone.
  Task<> set_active(Jid session, RulesPtr rules);
  // A list was written anew: for whoever goes by it.
  Task<> list_changed(Jid user, RulesPtr rules);

  // Whether a session has an active list of its own.
  static bool has_active(const Session& session);
  // The name of the list that a session goes by; empty: by none.
  static std::string_view list_in_force(const Session& session);

  // What it hears.
  Answer<Verdict> rules_asked(RulesAsked& event);
  Answer<Verdict> session_opens(SessionOpens& event);
  Verdict session_ends(SessionEnds& event);
  Verdict session_is_kept(SessionIsKept& event);
  Task<Verdict> session_is_restored(SessionIsRestored& event);
  Answer<Verdict> arrives(UserReceivesStanza& event);
  Answer<Verdict> sends_message(UserSendsMessage& event) { return sends(event.context); }
  Answer<Verdict> sends_presence(UserSendsPresence& event) { return sends(event.context); }
  Answer<Verdict> sends_iq(UserSendsIq& event) { return sends(event.context); }
  Answer<Verdict> contact_changed(ContactChanged& event);
  Task<Verdict> account_registered(AccountRegistered& event);
  Task<Verdict> account_removed(AccountRemoved& event);

 private:
  void opened();
  void closed();

  static Task<Verdict> bring_rules(RulesAsked& event, Task<RulesPtr> coming);
  Task<Verdict> opens_later(Jid user);
  Task<> take_rules_again(Jid who, const std::string* active_list);
  Task<Verdict> follow_contact(ContactChanged& event);
  Answer<Verdict> sends(StanzaContext& context);
  Task<Verdict> sends_later(StanzaContext& context);
  Verdict may_leave(Session& sender, const Stanza& stanza);
  Verdict stays(Session& sender, const Stanza& stanza, const StanzaError& why);
  Task<Verdict> arrives_later(UserReceivesStanza& event);

  bool is_unknown(const Jid& user) const { return !unknown_.empty() && unknown_.contains(user); }
  std::optional<RulesPtr> known(const Jid& user);
  Task<RulesPtr> load(const Jid& user);
  Task<RulesPtr> read(Jid user);
  Task<> forget(Jid user);
  void adopt(const Jid& user, const RulesPtr& rules);
  void change(Session& session, const RulesPtr& rules, const ContactList* contacts);

  HostType& host_;
  const std::unique_ptr<PrivacyStore> store_;
  const HookCount rules_asked_;
  std::size_t users_ = 0;
  RulesCache cache_;
  // Accounts with sessions whose rules have not been read yet: what comes for them waits.
  std::unordered_set<Jid> unknown_;
  SharedQuestions<Jid, RulesPtr> loads_;
};

}  // namespace meerkat
