// SPDX-License-Identifier: Apache-2.0
// The accounts of a host type, as its [auth] asks for them.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "accounts/auth_section.h"
#include "accounts/internal.h"
#include "core/accounts.h"
#include "runtime/blocking_pool.h"
#include "store/pool/pool_table.h"
#include "store/sql/database.h"

namespace meerkat {

class OutgoingPool;
namespace http {
class Client;
}
namespace ldap {
class Client;
}

// Where methods find what they stand on. All of it outlives the accounts.
struct AccountSources {
  std::string host_type;
  sql::Database& embedded;
  BlockingPool& hashing;
  std::shared_ptr<const InternalAccountRules> passwords;
  const PoolTable<sql::Database>& rdbms;
  const PoolTable<http::Client>& http;
  const PoolTable<ldap::Client>& ldap;
  // Told of pools that methods have of their own: they are stopped, by the caller, before the accounts are destroyed.
  std::vector<OutgoingPool*>* pools_made = nullptr;
};

// Throws std::runtime_error with a sentence for the operator: a pool that is missing, a database or a key that is of no
// use. Creates tables where they are missing. Before the workers start, or on the thread that changes the
// configuration.
std::shared_ptr<Accounts> make_accounts(const AuthSettings& auth, const AccountSources& sources);

}  // namespace meerkat
