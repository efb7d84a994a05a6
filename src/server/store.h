// SPDX-License-Identifier: Apache-2.0
// The database of the server, and the accounts that are kept in it.
#pragma once

#include <expected>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "accounts/auth_section.h"
#include "accounts/make_accounts.h"
#include "core/accounts.h"
#include "runtime/blocking_pool.h"
#include "runtime/worker.h"
#include "server/settings.h"
#include "store/pool/outgoing_pools.h"
#include "store/sql/database.h"

namespace meerkat {

// Opened before the workers start, closed after they have stopped.
class Store {
 public:
  // `here` is turned on the calling thread while the database is asked; it and the pools outlive the store. The error
  // says what to do.
  static std::expected<std::unique_ptr<Store>, std::string> open(const Settings& settings, Worker& here,
                                                                 const OutgoingPools& pools);

  // The accounts of a host type. Before the workers start, or on the thread that changes the configuration.
  std::expected<std::reference_wrapper<Accounts>, std::string> accounts_for(const std::string& host_type,
                                                                            const AuthSettings& auth);
  // How the passwords of a host type are kept from now on, and how many accounts it may have. On the same thread.
  void change(const std::string& host_type, const AuthSettings& auth);
  // Pools that methods of [auth] have for themselves; they end with the store.
  const std::vector<OutgoingPool*>& own_pools() const { return own_pools_; }
  // The tables of all modules are there.
  sql::Database& database() { return *database_; }
  // Unknown users get salts derived from it, the same after a restart (RFC 5802 §9).
  const std::string& fake_salt_secret() const { return fake_salt_secret_; }
  // What was handed to the database is still written; nobody is left to hear of it.
  void close() {
    database_.reset();
    hashing_.reset();
    for (OutgoingPool* const pool : own_pools_) pool->stop(std::chrono::steady_clock::now());
  }

 private:
  explicit Store(const OutgoingPools& pools);

  std::unique_ptr<sql::Database> database_;
  const OutgoingPools& pools_;
  struct Kept {
    std::shared_ptr<InternalAccountRules> passwords;
    std::shared_ptr<Accounts> accounts;
  };
  std::map<std::string, Kept> accounts_;   // by host type
  std::vector<OutgoingPool*> own_pools_;   // of those
  std::unique_ptr<BlockingPool> hashing_;  // ends before the accounts, whose passwords it may still be hashing
  std::string fake_salt_secret_;
};

}  // namespace meerkat
