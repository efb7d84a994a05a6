// SPDX-License-Identifier: Apache-2.0
#include "accounts/rdbms.h"

#include <utility>

namespace meerkat {

config::Section<RdbmsAccountOptions> rdbms_accounts_section() {
  using namespace config;
  using O = RdbmsAccountOptions;
  return Section<O>{"auth.rdbms", "Accounts in the database of [outgoing_pools.rdbms.default], table `users`."}.option(
      "users_number_estimate", &O::users_number_estimate,
      "Where accounts are counted, take the planner's figure for the whole table, which costs nothing and may be old. "
      "PostgreSQL and MySQL.",
      needs_restart);
}

std::unique_ptr<Accounts> make_rdbms_accounts(sql::Database& database, BlockingPool& hashing,
                                              std::shared_ptr<const InternalAccountRules> rules,
                                              const RdbmsAccountOptions& options) {
  return make_internal_accounts(database, hashing, std::move(rules),
                                {.is_shared = true, .count_is_estimated = options.users_number_estimate});
}

}  // namespace meerkat
