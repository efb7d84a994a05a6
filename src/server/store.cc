// SPDX-License-Identifier: Apache-2.0
#include "server/store.h"

#include <algorithm>
#include <exception>
#include <thread>

#include "accounts/anonymous.h"
#include "accounts/internal.h"
#include "accounts/kept_secret.h"
#include "store/sql/sqlite.h"

namespace meerkat {

Store::Store()
    : hashing_(std::make_unique<BlockingPool>("hashing", std::max(1u, std::thread::hardware_concurrency() / 2))) {}

std::expected<std::unique_ptr<Store>, std::string> Store::open(const Settings& settings) {
  std::unique_ptr<Store> store{new Store};
  auto database = sql::open_sqlite(settings.internal_databases.embedded.directory);
  if (!database) return std::unexpected(database.error());
  store->database_ = std::move(*database);
  try {
    store->fake_salt_secret_ = kept_secret(*store->database_, "fake_salts");
  } catch (const std::exception& failure) {
    return std::unexpected(failure.what());
  }
  return store;
}

std::expected<std::reference_wrapper<Accounts>, std::string> Store::accounts_for(const AuthSettings& auth) {
  if (!auth.uses(AuthMethod::internal)) {
    if (!anonymous_) anonymous_ = make_anonymous_accounts();
    return *anonymous_;
  }
  const InternalAccountOptions wanted{.format = auth.password.format,
                                      .hashes = auth.password.hash,
                                      .scram_iterations = auth.password.scram_iterations,
                                      .max_users_per_domain = auth.max_users_per_domain.most()};
  for (const auto& [options, accounts] : internal_)
    if (options == wanted) return *accounts;
  try {
    return *internal_.emplace_back(wanted, make_internal_accounts(*database_, *hashing_, wanted)).second;
  } catch (const std::exception& failure) {
    return std::unexpected(failure.what());
  }
}

}  // namespace meerkat
