// SPDX-License-Identifier: Apache-2.0
#include "server/store.h"

#include <algorithm>
#include <exception>
#include <thread>

#include "accounts/anonymous.h"
#include "accounts/internal.h"
#include "store/sql/sqlite.h"

namespace meerkat {

Store::Store() : hashing_("hashing", std::max<std::size_t>(1, std::thread::hardware_concurrency() / 2)) {}

std::expected<std::unique_ptr<Store>, std::string> Store::open(const Settings& settings) {
  std::unique_ptr<Store> store{new Store};
  auto database = sql::open_sqlite(settings.internal_databases.embedded.directory);
  if (!database) return std::unexpected(database.error());
  store->database_ = std::move(*database);
  if (!settings.auth.uses(AuthMethod::internal)) {
    store->accounts_ = make_anonymous_accounts();
    return store;
  }
  try {
    store->accounts_ = make_internal_accounts(*store->database_, store->hashing_,
                                              {.format = settings.auth.password.format,
                                               .hashes = settings.auth.password.hash,
                                               .scram_iterations = settings.auth.password.scram_iterations,
                                               .max_users_per_domain = settings.auth.max_users_per_domain.most()});
  } catch (const std::exception& failure) {
    return std::unexpected(failure.what());
  }
  return store;
}

}  // namespace meerkat
