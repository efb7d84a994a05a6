// SPDX-License-Identifier: Apache-2.0
// Accounts in the server's own database: SCRAM keys in the table `users`, as MongooseIM's rdbms backend keeps them.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "core/accounts.h"
#include "runtime/blocking_pool.h"
#include "store/sql/database.h"

namespace meerkat {

struct InternalAccountOptions {
  // What the column `password` holds. With `plain` every password can be read by whoever reads the database.
  enum class Format : std::uint8_t { scram, plain };

  Format format = Format::scram;
  std::vector<ScramHash> hashes{all_scram_hashes.begin(), all_scram_hashes.end()};
  std::uint32_t scram_iterations = 10000;
  std::optional<std::uint64_t> max_users_per_domain;
  std::size_t cached_accounts = 1000;  // keys kept in memory for the next login, some 700 bytes each; 0 for none

  friend bool operator==(const InternalAccountOptions&, const InternalAccountOptions&) = default;
};

// Creates the table where it is missing; throws what Database::prepare throws. Database and pool outlive the accounts.
// PBKDF2 runs on `hashing`, never on a worker: a registration costs one derivation for each hash.
std::unique_ptr<Accounts> make_internal_accounts(sql::Database& database, BlockingPool& hashing,
                                                 InternalAccountOptions options = {});

}  // namespace meerkat
