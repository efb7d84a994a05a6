// SPDX-License-Identifier: Apache-2.0
// What the roster wants kept.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "modules/roster/contact_list.h"
#include "runtime/task.h"

namespace meerkat {

// A request to see the account that it has not answered yet.
struct PendingRequest {
  Jid from;
  std::string stanza;  // the whole <presence/>; or, from other servers' tables, the text of its status
};

// One change of one contact, as a whole or not at all.
struct RosterChange {
  Jid user;                                 // bare
  Jid contact;                              // whose entry it is
  std::optional<Contact> after = {};        // nothing: it is removed
  std::optional<std::string> request = {};  // replaces what is kept of the contact's request; empty: it is answered
  // Of the roster from now on; empty: none is kept, not even an older one. Nothing: it stays as it is.
  std::optional<std::string> version = {};
};

// Users are bare addresses. Any worker; every call answers on the worker that asked. Changes are answered when they are
// safely in the store. Throws what the database throws.
class RosterStore {
 public:
  virtual ~RosterStore() = default;

  virtual Task<std::vector<Contact>> contacts(Jid user) = 0;
  virtual Task<std::string> version(Jid user) = 0;
  virtual Task<> set_version(Jid user, std::string version) = 0;
  virtual Task<> change(RosterChange change) = 0;
  // Oldest first, at most `limit`.
  virtual Task<std::vector<PendingRequest>> requests(Jid user, std::size_t limit) = 0;
  // Whether anything at all is kept.
  virtual Task<bool> knows(Jid user) = 0;
  // Everything that is kept of an account.
  virtual Task<> remove(Jid user) = 0;
};

}  // namespace meerkat
