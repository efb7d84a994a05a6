// SPDX-License-Identifier: Apache-2.0
// What the room keeps, in its own words: messages of accounts, in the order in which they came.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/module_entry.h"
#include "runtime/task.h"
#include "xmpp/jid.h"

namespace meerkat {

namespace sql {
class Database;
}

// Microseconds since 1970.
using OfflineTime = std::int64_t;

struct NewOfflineMessage {
  OfflineTime came;
  std::optional<OfflineTime> useless_from;
  std::string from;
  std::string packet;  // XML, with its namespace
};

struct OfflineMessage {
  std::uint64_t number;  // greater than that of each message that was kept before; never given again
  OfflineTime came;
  std::optional<OfflineTime> useless_from;
  std::string from;
  std::string packet;
};

// How many messages an account may have.
struct OfflineRoom {
  std::uint64_t most;
  // How many it has, when that is known, and how many of those in the store have been delivered and are going.
  std::optional<std::uint64_t> there;
  std::uint64_t going = 0;
  OfflineTime now;  // those that are of no use any more make room
};

struct OfflineAppended {
  std::size_t kept;                    // the first ones; there was no room for the others
  std::optional<std::uint64_t> there;  // with these; only when the room is limited
};

struct OfflineName {
  Jid user;
  std::uint64_t number;
};

// Users are bare addresses. Throws what the database throws. Outlives its calls; called on workers.
class OfflineStore {
 public:
  virtual ~OfflineStore() = default;
  // In this order, as a whole or not at all. Unlimited without `room`.
  virtual Task<OfflineAppended> append(Jid user, std::vector<NewOfflineMessage> messages,
                                       std::optional<OfflineRoom> room) = 0;
  // The oldest of those behind `number`.
  virtual Task<std::vector<OfflineMessage>> read_behind(Jid user, std::uint64_t number, std::size_t most) = 0;
  virtual Task<> remove(std::vector<OfflineName> messages) = 0;
  virtual Task<> remove_all(Jid user) = 0;
};

std::unique_ptr<OfflineStore> make_offline_store(sql::Database& database);
sql::Schema offline_schema();

}  // namespace meerkat
