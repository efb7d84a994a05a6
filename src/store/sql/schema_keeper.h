// SPDX-License-Identifier: Apache-2.0
// The schemas that a database must have before anything is asked of it, also when it comes up long after the server.
#pragma once

#include <atomic>
#include <cstddef>
#include <exception>
#include <functional>
#include <map>
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

  // One that was the last to be applied under its name is there already.
  void add(const Schema& schema);
  // What was refused is not tried again, so that the pool can go on without it.
  void forget(const Schema& schema);
  // Cheap, for every call.
  bool is_missing() const { return missing_.load(std::memory_order_acquire); }
  // Applies those that were not applied yet, a transaction each, while all other connections wait. Throws what it
  // failed with.
  void apply_missing(Session& session);
  // Throws what the database has against a schema, if asking again would not help.
  void throw_refusal() const;

 private:
  // What tells two forms of a schema apart: the newest migration, and how many columns there are.
  struct Form {
    int newest = 0;
    std::size_t columns = 0;
    friend bool operator==(const Form&, const Form&) = default;
  };
  static Form form_of(const Schema& schema);
  void apply_to(Session& session, const Schema& schema) const;

  const std::string database_;
  std::mutex applying_;  // held for as long as it takes
  mutable std::mutex mutex_;
  std::vector<Schema> schemas_;                       // that are missing
  std::map<std::string, Form, std::less<>> applied_;  // by name
  std::exception_ptr refusal_;
  std::atomic<bool> missing_{false};
};

}  // namespace meerkat::sql
