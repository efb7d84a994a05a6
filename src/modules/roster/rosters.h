// SPDX-License-Identifier: Apache-2.0
// The rosters of the accounts that live on one worker: read through the cache, changed one after the other, pushed to
// those who want to know (RFC 6121 §2.1.6).
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/host_type.h"
#include "modules/roster/account_turns.h"
#include "modules/roster/roster_cache.h"
#include "modules/roster/roster_options.h"
#include "modules/roster/roster_store.h"
#include "runtime/answer.h"
#include "runtime/timer.h"

namespace meerkat {

// Belongs to the module on that worker. Users are bare addresses.
class Rosters {
 public:
  // What becomes of one contact.
  struct Change {
    std::optional<Contact> before;  // nothing: it is new
    std::optional<Contact> after;   // nothing: it is removed
    // RosterChange::request
    std::optional<std::string> request;
  };

  Rosters(HostType& host, const RosterOptions& options);
  ~Rosters();

  // Taken by whoever changes a roster, before he looks at it.
  AccountTurns turns;

  // At hand when it is cached, else one query, however many ask at once. Throws what the database throws.
  Answer<RosterState> of(const Jid& user);
  // The same when it is cached; else null. Valid until the next call.
  const RosterState* cached(const Jid& user) { return cache_.find(user, now()); }
  // For one contact: in the store, then in the cache. The caller has the turn.
  Task<> change(Jid user, Change change);
  // RFC 6121 §2.1.6: to the account's interested sessions. Tells what the last `change` did, unless clients never saw
  // the contact.
  void push(const Jid& user, const Change& change);
  // Tells other rooms. Waits for their handlers.
  Task<> tell(Jid user, const Change& change);

  // §2.6: the version of a roster, when there are versions; makes one when none was kept.
  Task<std::string> version_of(Jid user);

  // Whether another contact finds room: in number and in bytes.
  bool has_room(const ContactList& contacts) const;

  Task<> forget(Jid user);

  RosterStore& store() { return *store_; }

 private:
  struct Load;
  class LoadDone;
  Task<RosterState> load(Jid user);
  Task<RosterState> read(Jid user);
  void changed(const Jid& user, RosterState roster);
  std::string next_version(const ContactList& contacts) const;
  SteadyTime now() const;
  void sweep_later();

  HostType& host_;
  const RosterOptions& options_;
  const std::unique_ptr<RosterStore> store_;
  RosterCache cache_;
  Timer sweep_;
  // Queries that are under way; one that a change has overtaken is not here any more.
  std::unordered_map<Jid, std::shared_ptr<Load>> loads_;
};

}  // namespace meerkat
