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

}  // namespace

void apply(const Schema& schema, Transaction& transaction, std::string_view database) {
  create(migrations_table(), transaction);
  int newest = 0;
  for (const Migration& migration : schema.migrations) newest = std::max(newest, migration.number);

  const auto row = transaction.one(newest_applied, schema.name);
  const std::optional<std::int64_t> applied = row ? std::get<0>(*row) : std::nullopt;
  if (applied && *applied > newest)
    throw SchemaRefused(fmt::format(
        "{} was written by a newer Meerkat: its tables \"{}\" are at version {}, this program knows them up to {}. "
        "Start the newer program, or restore a backup that was made before the upgrade.",
        database, schema.name, *applied, newest));

  // Tables without a record come from before the first migration, or from another program that shares the schema.
  const bool fresh =
      !applied && std::ranges::none_of(schema.tables, [&](const Table& each) { return exists(each, transaction); });
  if (!fresh) {
    for (const Migration& migration : schema.migrations) {
      if (migration.number <= applied.value_or(0)) continue;
      migration.run(transaction);
      record(schema, migration.number, migration.what, transaction);
    }
  }
  for (const Table& each : schema.tables) create(each, transaction);
  if (!applied) record(schema, newest, "created", transaction);
}

}  // namespace meerkat::sql
