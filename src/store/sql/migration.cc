// SPDX-License-Identifier: Apache-2.0
#include "store/sql/migration.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <tuple>

#include <fmt/format.h>

#include "store/sql/dialect.h"

namespace meerkat::sql {
namespace {

constexpr Query<std::tuple<std::optional<std::int64_t>>, std::string_view> newest_applied{
    "migration_newest", "SELECT MAX(number) FROM schema_migrations WHERE name = ?"};
constexpr Upsert record_migration{"migration_record", "schema_migrations", "name, number", "what"};

constexpr std::string_view created = "created";  // what is recorded for tables that were new

Table migrations_table() {
  return table("schema_migrations")
      .column("name", varchar(100))
      .column("number", integer())
      .column("what", text())
      .column("applied_at", timestamp().default_now())
      .primary_key("name, number");
}

void create(const Table& table, Transaction& transaction) {
  for (const std::string& statement : transaction.dialect().create(table))
    transaction.run_statement("create_table", statement, {});
}

bool exists(const Table& table, Transaction& transaction) {
  const Values name = pack(std::string_view{table.name});
  return transaction.run_query("table_exists", transaction.dialect().table_exists(), name, 1).count() > 0;
}

void record(const Schema& schema, int number, std::string_view what, Transaction& transaction) {
  transaction.upsert(record_migration, key(schema.name, number), values(what));
}

int newest_of(const Schema& schema) {
  int newest = 0;
  for (const Migration& migration : schema.migrations) newest = std::max(newest, migration.number);
  return newest;
}

// What stands between a database and a schema.
struct Way {
  std::optional<std::int64_t> applied;  // the newest migration
  bool fresh = false;                   // none of the tables is there
  int newest = 0;                       // of the schema
};

Way way_to(const Schema& schema, Transaction& transaction, std::string_view database) {
  Way way;
  way.newest = newest_of(schema);
  if (const auto row = transaction.one(newest_applied, schema.name)) way.applied = std::get<0>(*row);
  if (way.applied && *way.applied > way.newest)
    throw SchemaRefused(fmt::format(
        "{} was written by a newer Meerkat: its tables \"{}\" are at version {}, this program knows them up to {}. "
        "Start the newer program, or restore a backup that was made before the upgrade.",
        database, schema.name, *way.applied, way.newest));
  // Tables without a record come from before the first migration, or from another program that shares the schema.
  way.fresh =
      !way.applied && std::ranges::none_of(schema.tables, [&](const Table& each) { return exists(each, transaction); });
  return way;
}

bool is_missing(const Migration& migration, const Way& way) {
  return !way.fresh && migration.number > way.applied.value_or(0);
}

}  // namespace

void apply(const Schema& schema, Transaction& transaction, std::string_view database) {
  // Whoever may not make tables may use those that somebody else has made.
  if (!exists(migrations_table(), transaction)) create(migrations_table(), transaction);
  const Way way = way_to(schema, transaction, database);
  for (const Migration& migration : schema.migrations) {
    if (!is_missing(migration, way)) continue;
    migration.run(transaction);
    record(schema, migration.number, migration.what, transaction);
  }
  for (const Table& each : schema.tables)
    if (!way.applied || !exists(each, transaction)) create(each, transaction);
  if (!way.applied) record(schema, way.newest, created, transaction);
}

std::vector<std::string> steps_to(const Schema& schema, Transaction& transaction, std::string_view database) {
  std::vector<std::string> steps;
  Way way{.fresh = true};
  if (exists(migrations_table(), transaction)) way = way_to(schema, transaction, database);
  for (const Migration& migration : schema.migrations)
    if (is_missing(migration, way)) steps.push_back(fmt::format("migration {}: {}", migration.number, migration.what));
  for (const Table& each : schema.tables)
    if (!exists(each, transaction)) steps.push_back(fmt::format("create table {}", each.name));
  return steps;
}

std::string script_of(const std::vector<Schema>& schemas, const Dialect& dialect) {
  std::string script;
  const auto add = [&](const Table& table) {
    for (const std::string& statement : dialect.create(table)) script += statement + ";\n";
    script += "\n";
  };
  add(migrations_table());
  for (const Schema& schema : schemas) {
    for (const Table& each : schema.tables) add(each);
    // So a server finds them, and need not make them.
    script += fmt::format("INSERT INTO schema_migrations (name, number, what) VALUES ('{}', {}, '{}');\n\n",
                          schema.name, newest_of(schema), created);
  }
  return script;
}

}  // namespace meerkat::sql
