// SPDX-License-Identifier: Apache-2.0
// Accounts in a database outside: those of internal.h in the table `users`, shared with other servers and programs.
#pragma once

#include <memory>

#include "accounts/internal.h"
#include "config/section.h"
#include "core/accounts.h"

namespace meerkat {

struct RdbmsAccountOptions {
  bool users_number_estimate = false;
};

config::Section<RdbmsAccountOptions> rdbms_accounts_section();

// As make_internal_accounts. What others change in the database is seen at the next login.
std::unique_ptr<Accounts> make_rdbms_accounts(sql::Database& database, BlockingPool& hashing,
                                              std::shared_ptr<const InternalAccountRules> rules,
                                              const RdbmsAccountOptions& options);

}  // namespace meerkat
