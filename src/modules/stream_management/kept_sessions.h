// SPDX-License-Identifier: Apache-2.0
// What the room keeps, in its own words: sessions that wait for their clients while the server is stopped, and how much
// sessions that ended had taken.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "core/delivery_log.h"
#include "core/module_entry.h"
#include "runtime/task.h"
#include "xmpp/jid.h"

namespace meerkat {

namespace sql {
class Database;
}

// One stanza of a session's queue.
struct KeptStanza {
  EntryId entry = 0;  // two sessions of an account that hold the same entry hold it again
  Form form = Form::itself;
  bool must_arrive = false;
  bool taken = false;
  bool given_back = false;
  bool by_server = false;
  std::string packet;  // XML, with its namespace
};

struct KeptSession {
  std::string id;              // by which its client resumes it
  std::string resource;        // of the account
  std::uint32_t saved_at = 0;  // seconds since 1970
  std::string record;          // see session_record.h
  std::vector<KeptStanza> queue;
};

// How much a session that ended had taken from its client (XEP-0198 §5).
struct EndedSession {
  std::string id;
  Jid user;  // bare
  std::uint32_t handled = 0;
  std::uint32_t stamp = 0;  // seconds since 1970
};

// Throws what the database throws, but for what is not awaited. Outlives its calls; called on workers.
class KeptSessions {
 public:
  virtual ~KeptSessions() = default;

  struct OfAccount {
    Jid user;  // bare
    std::vector<KeptSession> sessions;
  };
  // As a whole or not at all; what was kept under the same ids goes.
  virtual Task<> save(std::vector<OfAccount> accounts) = 0;
  // Names of accounts of a domain that have kept sessions, behind `name`, in order.
  virtual Task<std::vector<std::string>> accounts_behind(std::string domain, std::string name, std::size_t most) = 0;
  virtual Task<std::vector<KeptSession>> of(Jid user) = 0;
  // Nobody waits for it: it is written with others, and tried again until it succeeds.
  virtual Task<> forget_soon(std::string id) = 0;
  // All that was asked for by `forget_soon`, and `remember`, is done.
  virtual Task<> settle() = 0;

  virtual Task<> remember(EndedSession session) = 0;
  // Nothing when it is not known, or was of somebody else.
  virtual Task<std::optional<EndedSession>> ended(std::string id, Jid user) = 0;
  // Ended sessions of a domain: those of that time or before, and all but the newest `most`.
  virtual Task<> collect(std::string domain, std::uint32_t stamp, std::uint64_t most) = 0;

  virtual Task<> remove_all(Jid user) = 0;
};

std::unique_ptr<KeptSessions> make_kept_sessions(sql::Database& database);
sql::Schema stream_management_schema();

}  // namespace meerkat
