// SPDX-License-Identifier: Apache-2.0
#include "server/store.h"

#include <algorithm>
#include <exception>
#include <thread>

#include "accounts/anonymous.h"
#include "accounts/internal.h"
#include "accounts/kept_secret.h"
#include "server/all_modules.h"
#include "store/sql/sqlite.h"

namespace meerkat {
namespace {

InternalAccountOptions options_of(const AuthSettings& auth) {
  return {.format = auth.password.format,
          .hashes = auth.password.hash,
          .scram_iterations = auth.password.scram_iterations,
          .max_users_per_domain = auth.max_users_per_domain.most()};
}

}  // namespace

Store::Store()
    : hashing_(std::make_unique<BlockingPool>("hashing", std::max(1u, std::thread::hardware_concurrency() / 2))) {}

std::expected<std::unique_ptr<Store>, std::string> Store::open(const Settings& settings, Worker& here) {
  std::unique_ptr<Store> store{new Store};
  auto database = sql::open_sqlite(settings.internal_databases.embedded.directory);
  if (!database) return std::unexpected(database.error());
  store->database_ = std::move(*database);
  try {
    for (const ModuleEntry& module : all_modules())
      if (module.keeps) store->database_->prepare(*module.keeps);
    store->fake_salt_secret_ = kept_secret(*store->database_, "fake_salts", here);
  } catch (const std::exception& failure) {
    return std::unexpected(failure.what());
  }
  return store;
}

std::expected<std::reference_wrapper<Accounts>, std::string> Store::accounts_for(const std::string& host_type,
                                                                                 const AuthSettings& auth) {
  if (!auth.uses(AuthMethod::internal)) {
    if (!anonymous_) anonymous_ = make_anonymous_accounts();
    return *anonymous_;
  }
  if (const auto known = internal_.find(host_type); known != internal_.end()) return *known->second.accounts;
  try {
    auto rules = std::make_shared<InternalAccountRules>(options_of(auth));
    auto accounts = make_internal_accounts(*database_, *hashing_, rules);
    return *internal_.emplace(host_type, Internal{std::move(rules), std::move(accounts)}).first->second.accounts;
  } catch (const std::exception& failure) {
    return std::unexpected(failure.what());
  }
}

void Store::change(const std::string& host_type, const AuthSettings& auth) {
  const auto known = internal_.find(host_type);
  if (known != internal_.end() && *known->second.rules->now() != options_of(auth))
    known->second.rules->change(options_of(auth));
}

}  // namespace meerkat
