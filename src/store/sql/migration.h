// SPDX-License-Identifier: Apache-2.0
// Schemas that grow: declared tables are created, numbered migrations are applied once.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "store/sql/table.h"
#include "store/sql/transaction.h"

namespace meerkat::sql {

// One step from the tables of the version before. `run` works with the writer's transaction.
struct Migration {
  int number = 0;  // 1, 2, 3… within its schema
  std::string_view what;
  void (*run)(Transaction&) = nullptr;
};

// The tables of one room, in their newest form, and the way there from older ones.
struct Schema {
  std::string_view name;
  std::vector<Table> tables;
  std::vector<Migration> migrations;
};

// Within one transaction: a database without these tables gets their newest form; one with older tables gets the
// missing migrations in order; one that a newer program has changed is refused. `database` is for the message.
// Which migrations were applied is kept in the table `schema_migrations`.
void apply(const Schema& schema, Transaction& transaction, std::string_view database);
// What `apply` would do, in words for the operator; nothing when there is nothing to do. Changes nothing.
std::vector<std::string> steps_to(const Schema& schema, Transaction& transaction, std::string_view database);
// The statements that make all tables in an empty database.
std::string script_of(const std::vector<Schema>& schemas, const Dialect& dialect);

}  // namespace meerkat::sql
