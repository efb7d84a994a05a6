// SPDX-License-Identifier: Apache-2.0
// Accounts in the server's own database: SCRAM keys in the table `users`, as MongooseIM's rdbms backend keeps them.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>
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

// The options in force: another configuration puts others in their place while the server runs. Any thread.
class InternalAccountRules {
 public:
  explicit InternalAccountRules(InternalAccountOptions options) { change(std::move(options)); }
  std::shared_ptr<const InternalAccountOptions> now() const {
    const std::lock_guard lock{mutex_};
    return options_;
  }
  // What is under way ends by the options it began with. `cached_accounts` stays as it was.
  void change(InternalAccountOptions options) {
    auto changed = std::make_shared<const InternalAccountOptions>(std::move(options));
    const std::lock_guard lock{mutex_};
    options_ = std::move(changed);
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const InternalAccountOptions> options_;
};

// What there is to know of the database.
struct AccountTables {
  bool is_shared = false;           // others change accounts as well, so nothing that was read is kept in memory
  bool count_is_estimated = false;  // by the planner's figures, where there are some
};

// Creates the table where it is missing; throws what Database::prepare throws. Database and pool outlive the accounts.
// PBKDF2 runs on `hashing`, never on a worker: a registration costs one derivation for each hash.
std::unique_ptr<Accounts> make_internal_accounts(sql::Database& database, BlockingPool& hashing,
                                                 InternalAccountOptions options = {});
std::unique_ptr<Accounts> make_internal_accounts(sql::Database& database, BlockingPool& hashing,
                                                 std::shared_ptr<const InternalAccountRules> rules,
                                                 AccountTables tables = {});

}  // namespace meerkat
