// SPDX-License-Identifier: Apache-2.0
// What the room wants kept: for each account, when it was last here.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "runtime/task.h"
#include "store/sql/migration.h"
#include "xmpp/jid.h"

namespace meerkat {

struct LastActivity {
  std::int64_t seconds = 0;  // since 1970
  std::string status;        // its last words; may be empty

  bool operator==(const LastActivity&) const = default;
};

// On any worker; throws what the database throws. Users are bare addresses. Changes answer when they stand in the
// write-behind queue of the database: they are written within a quarter of a second, many together.
class LastStore {
 public:
  virtual ~LastStore() = default;
  // Sees what is queued.
  virtual Task<std::optional<LastActivity>> get_last(const Jid& user) = 0;
  virtual Task<> set_last_info(const Jid& user, LastActivity last) = 0;
  // A session that was lost with its server.
  virtual Task<> session_cleanup(const Jid& user, std::int64_t seconds) = 0;
  virtual Task<> remove(const Jid& user) = 0;

  // Each of the following waits until what is queued is written.
  virtual Task<> settle() = 0;
  virtual Task<std::uint64_t> count_later_than(const std::string& domain, std::int64_t seconds) = 0;
  virtual Task<std::vector<std::string>> names_from(const std::string& domain, std::int64_t seconds) = 0;
};

namespace sql {
class Database;
}

std::unique_ptr<LastStore> make_last_store(sql::Database& database);
sql::Schema last_schema();

}  // namespace meerkat
