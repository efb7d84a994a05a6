// SPDX-License-Identifier: Apache-2.0
// The database of the server, and the accounts that are kept in it.
#pragma once

#include <expected>
#include <memory>
#include <string>

#include "core/accounts.h"
#include "runtime/blocking_pool.h"
#include "server/settings.h"
#include "store/sql/database.h"

namespace meerkat {

// Opened before the workers start, closed after they have stopped.
class Store {
 public:
  // The error says what to do.
  static std::expected<std::unique_ptr<Store>, std::string> open(const Settings& settings);

  Accounts& accounts() { return *accounts_; }
  // What was handed to the database is still written; nobody is left to hear of it.
  void close() { database_.reset(); }

 private:
  Store();

  std::unique_ptr<sql::Database> database_;
  std::unique_ptr<Accounts> accounts_;
  BlockingPool hashing_;  // ends before the accounts, whose passwords it may still be hashing
};

}  // namespace meerkat
