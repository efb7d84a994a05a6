// SPDX-License-Identifier: Apache-2.0
#include "server/store.h"

#include <algorithm>
#include <exception>
#include <thread>

#include "accounts/kept_secret.h"
#include "server/all_modules.h"
#include "services/system_metrics/client_id.h"
#include "store/sql/sqlite.h"

namespace meerkat {

Store::Store(const OutgoingPools& pools)
    : pools_(pools),
      hashing_(std::make_unique<BlockingPool>("hashing", std::max(1u, std::thread::hardware_concurrency() / 2))) {}

std::expected<std::unique_ptr<Store>, std::string> Store::open(const Settings& settings, Worker& here,
                                                               const OutgoingPools& pools) {
  std::unique_ptr<Store> store{new Store{pools}};
  auto database = sql::open_sqlite(settings.internal_databases.embedded.directory);
  if (!database) return std::unexpected(database.error());
  store->database_ = std::move(*database);
  try {
    for (const ModuleEntry& module : all_modules())
      if (module.keeps) store->database_->prepare(*module.keeps);
    store->database_->prepare(client_id_schema());
    store->fake_salt_secret_ = kept_secret(*store->database_, "fake_salts", here);
  } catch (const std::exception& failure) {
    return std::unexpected(failure.what());
  }
  return store;
}

std::expected<std::reference_wrapper<Accounts>, std::string> Store::accounts_for(const std::string& host_type,
                                                                                 const AuthSettings& auth) {
  if (const auto known = accounts_.find(host_type); known != accounts_.end()) return *known->second.accounts;
  try {
    auto passwords = std::make_shared<InternalAccountRules>(password_options(auth));
    std::vector<OutgoingPool*> made;  // gone with the accounts, should these not be made
    auto accounts = make_accounts(auth, {.host_type = host_type,
                                         .embedded = *database_,
                                         .hashing = *hashing_,
                                         .passwords = passwords,
                                         .rdbms = pools_.rdbms,
                                         .http = pools_.http,
                                         .ldap = pools_.ldap,
                                         .pools_made = &made});
    own_pools_.insert(own_pools_.end(), made.begin(), made.end());
    return *accounts_.emplace(host_type, Kept{std::move(passwords), std::move(accounts)}).first->second.accounts;
  } catch (const std::exception& failure) {
    return std::unexpected(failure.what());
  }
}

void Store::change(const std::string& host_type, const AuthSettings& auth) {
  const auto known = accounts_.find(host_type);
  if (known != accounts_.end() && *known->second.passwords->now() != password_options(auth))
    known->second.passwords->change(password_options(auth));
}

}  // namespace meerkat
