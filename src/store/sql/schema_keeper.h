// SPDX-License-Identifier: Apache-2.0
// The schemas that a database must have before anything is asked of it, also when it comes up long after the server.
#pragma once

#include <atomic>
#include <exception>
#include <mutex>
#include <string>
#include <vector>

#include "store/sql/migration.h"
#include "store/sql/session.h"

namespace meerkat::sql {

// Any thread.
class SchemaKeeper {
 public:
  explicit SchemaKeeper(std::string database) : database_(std::move(database)) {}

  void add(const Schema& schema);
  // Cheap, for every call.
  bool is_missing() const { return missing_.load(std::memory_order_acquire); }
  // Applies those that were not applied yet, a transaction each, while all other connections wait. Throws what it
  // failed with.
  void apply_missing(Session& session);
  // Throws what the database has against a schema, if asking again would not help.
  void throw_refusal() const;

 private:
  void apply_to(Session& session, const Schema& schema) const;

  const std::string database_;
  std::mutex applying_;  // held for as long as it takes
  mutable std::mutex mutex_;
  std::vector<Schema> schemas_;
  std::exception_ptr refusal_;
  std::atomic<bool> missing_{false};
};

}  // namespace meerkat::sql
