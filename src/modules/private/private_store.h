// SPDX-License-Identifier: Apache-2.0
// What the room wants kept: for each user and namespace, the elements of that namespace.
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

struct PrivateElements {
  std::string uri;  // of their namespace
  std::string xml;  // one element or several, each standing alone
};

// How much a user may keep.
struct PrivateRoom {
  std::uint64_t namespaces, bytes;
};

// On any worker; throws what the database throws.
class PrivateStore {
 public:
  virtual ~PrivateStore() = default;
  virtual Task<std::optional<std::string>> find(const Jid& user, const std::string& uri) = 0;
  // Each takes the place of what was kept in its namespace: all of them, or none when the user would keep more than
  // there is room for; false then.
  virtual Task<bool> save(const Jid& user, std::vector<PrivateElements> elements, PrivateRoom room) = 0;
  virtual Task<> remove_all(const Jid& user) = 0;
};

namespace sql {
class Database;
}

std::unique_ptr<PrivateStore> make_private_store(sql::Database& database);
sql::Schema private_schema();

}  // namespace meerkat
