// SPDX-License-Identifier: Apache-2.0
// The rosters of the accounts that live on one worker: read through the cache, changed one after the other, pushed to
// those who want to know (RFC 6121 §2.1.6).
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/metrics/counted.h"
#include "core/backend_metrics.h"
#include "core/hook_count.h"
#include "core/host_type.h"
#include "modules/roster/account_turns.h"
#include "modules/roster/roster_cache.h"
#include "modules/roster/roster_options.h"
#include "modules/roster/roster_store.h"
#include "runtime/answer.h"
#include "runtime/shared_questions.h"
#include "runtime/timer.h"

namespace meerkat {

// What becomes of one contact.
struct ContactChange {
  std::optional<Contact> before;  // nothing: it is new
  std::optional<Contact> after;   // nothing: it is removed

  const Jid& contact() const { return after ? after->jid : before->jid; }
  bool changes_anything() const { return before != after; }
  // Whether clients see a difference: a request to see the account is none (RFC 6121 §3.1.3).
  bool shows() const;
  bool ends_being_seen() const;
};

// As the metrics reference names what is asked of the store; what is answered from memory is not asked.
struct RosterCalls {
  explicit RosterCalls(const BackendMetrics& metrics);

  BackendCall get_roster;
  BackendCall read_roster_version;
  BackendCall write_roster_version;
  BackendCall update_roster_t;
  BackendCall roster_subscribe_t;
  BackendCall del_roster_t;

  // That of one change.
  const BackendCall& of(const ContactChange& change) const;
};

// What happens to rosters, for metrics.
struct RosterCounts {
  explicit RosterCounts(const HostType& host);

  metrics::Counted fetched;
  metrics::Counted changed;
  metrics::Counted pushed;  // to one session
  HookCount subscription_leaves;
  HookCount contacts_asked;
};

// Belongs to the module on that worker. Users are bare addresses.
class Rosters {
 public:
  Rosters(HostType& host, const RosterOptions& options);

  // Taken by whoever changes a roster, before he looks at it.
  AccountTurns turns;

  // At hand when it is cached, else one query, however many ask at once. Throws what the database throws.
  Answer<RosterState> of(const Jid& user);

  // In the store, then in the cache: the roster as it is now. The caller has the turn. `request` replaces what is kept
  // of the contact's request to see the account; empty: it is answered.
  Task<RosterState> change(Jid user, const ContactChange& change, std::optional<std::string> request = {});
  // RFC 6121 §2.1.6: to the account's interested sessions.
  void push(const Jid& user, const ContactChange& change, const RosterState& roster);
  // Other rooms hear of it, and are waited for.
  Task<> tell(Jid user, const ContactChange& change);

  // RFC 6121 §2.6: of a roster of this moment; makes one when none was kept. Empty: there are no versions.
  Task<std::string> version_of(Jid user, const RosterState& roster);

  // Whether another contact finds room, in number and in bytes.
  bool has_room(const ContactList& contacts) const;

  // Everything that is kept of the account. The caller has the turn.
  Task<> forget(Jid user);

  RosterStore& store() { return *store_; }
  const RosterCounts& counts() const { return counts_; }

 private:
  Task<RosterState> load(const Jid& user);
  Task<RosterState> read(Jid user);
  void remember(const Jid& user, RosterState roster);
  void drop(const Jid& user);
  SteadyTime now() const;
  void sweep_later();

  HostType& host_;
  const RosterOptions& options_;
  const std::unique_ptr<RosterStore> store_;
  const RosterCalls calls_;
  const RosterCounts counts_;
  RosterCache cache_;
  Timer sweep_;
  SharedQuestions<Jid, RosterState> loads_;
};

}  // namespace meerkat
