// SPDX-License-Identifier: Apache-2.0
// What the room wants kept: a vCard per user, and what of it can be searched for.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "modules/vcard/searched_fields.h"
#include "runtime/task.h"
#include "store/sql/migration.h"
#include "xmpp/jid.h"

namespace meerkat {

// What one field must be for somebody to be found. Folded, as values are when they are kept.
struct Wanted {
  enum class Fit : std::uint8_t { anything, whole, beginning };
  Fit fit = Fit::anything;
  std::string text;
};

// All of it must fit.
struct Search {
  Wanted user;
  std::array<Wanted, searched_fields.size()> fields;  // as searched_fields has them

  bool asks_nothing() const;
};

struct FoundUser {
  std::string user;  // the node of the address
  SearchedValues values;
};

// On any worker; throws what the database throws.
class VcardStore {
 public:
  virtual ~VcardStore() = default;
  // As it was kept.
  virtual Task<std::optional<std::string>> find(const Jid& user) = 0;
  virtual Task<> save(const Jid& user, std::string xml, SearchedValues values) = 0;
  virtual Task<> remove(const Jid& user) = 0;
  // Users of one domain, at most so many, in no order. Nobody for a search that asks nothing.
  virtual Task<std::vector<FoundUser>> search(const std::string& server, Search search, std::uint32_t at_most) = 0;
};

namespace sql {
class Database;
}

std::unique_ptr<VcardStore> make_vcard_store(sql::Database& database);
sql::Schema vcard_schema();

}  // namespace meerkat
