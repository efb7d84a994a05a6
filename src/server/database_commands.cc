// SPDX-License-Identifier: Apache-2.0
#include "server/database_commands.h"

#include <algorithm>
#include <exception>
#include <iostream>
#include <memory>
#include <vector>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "accounts/account_table.h"
#include "base/clock.h"
#include "runtime/scope.h"
#include "runtime/worker.h"
#include "server/all_modules.h"
#include "server/configuration.h"
#include "services/system_metrics/client_id.h"
#include "store/pool/outgoing_pool.h"
#include "store/sql/database.h"
#include "store/sql/dialect.h"
#include "store/sql/migration.h"
#include "store/sql/rdbms_options.h"

namespace meerkat {
namespace {

// Of everything that can be kept in a database outside.
std::vector<sql::Schema> all_schemas() {
  std::vector<sql::Schema> schemas{account_table::account_schema()};
  for (const ModuleEntry& module : all_modules())
    if (module.keeps && std::ranges::find(schemas, module.keeps->name, &sql::Schema::name) == schemas.end())
      schemas.push_back(*module.keeps);
  schemas.push_back(client_id_schema());
  return schemas;
}

const sql::Dialect& dialect_of(const std::string& name) {
  return name == "mysql" ? sql::mysql_dialect() : name == "sqlite" ? sql::sqlite_dialect() : sql::postgresql_dialect();
}

struct Asked {
  std::vector<std::string> steps;
  std::exception_ptr failure;
};

Task<> ask_steps(sql::Database& database, const sql::Schema& schema, Asked& asked) {
  try {
    asked.steps = co_await database.transaction(
        [&schema](sql::Transaction& transaction) { return sql::steps_to(schema, transaction, "the database"); });
  } catch (...) {
    asked.failure = std::current_exception();  // thrown where it is waited for
  }
}

std::vector<std::string> steps_to(sql::Database& database, const sql::Schema& schema) {
  const SystemClock clock;
  Worker here{0, 1, clock};
  here.adopt_thread();
  Asked asked;
  {
    Scope scope{"migrate"};
    scope.spawn(ask_steps(database, schema, asked));
    while (!scope.idle()) here.turn();
  }
  Worker::leave_thread();
  if (asked.failure) std::rethrow_exception(asked.failure);
  return asked.steps;
}

// The pool with one connection, for who need not share.
std::shared_ptr<sql::Database> open(const sql::RdbmsPoolOptions& configured, const std::string& tag) {
  sql::RdbmsPoolOptions options = configured;
  options.pool.workers = 1;
  std::shared_ptr<sql::Database> database = sql::open_rdbms("rdbms." + tag, options);
  OutgoingPool* const pool = database->pool();
  if (pool == nullptr || pool->wait_until_connected(std::chrono::steady_clock::now() + std::chrono::seconds{10}))
    return database;
  throw sql::Unavailable{pool->workers().front().last_error};
}

}  // namespace

DatabaseCommands::DatabaseCommands(CLI::App& app) {
  CLI::App* const db = app.add_subcommand("db", "The tables of a database outside: prints them, or makes them.");
  db->require_subcommand(1);
  schema_ = db->add_subcommand("schema", "Prints the statements that make all tables in an empty database.");
  schema_->add_option("database", dialect_, "Which kind of database")
      ->required()
      ->check(CLI::IsMember({"pgsql", "mysql", "sqlite"}));
  migrate_ = db->add_subcommand("migrate",
                                "Makes the tables that are missing in the database of a pool, and brings older ones up "
                                "to date. The server does the same when it starts.");
  migrate_->add_option("-c,--config", config_, "The configuration file (TOML)");
  migrate_->add_option("--pool", tag_, "The tag of the pool under outgoing_pools.rdbms")->capture_default_str();
  migrate_->add_flag("--dry-run", dry_run_, "Only tell what would be done");
}

std::optional<int> DatabaseCommands::run() const {
  if (schema_->parsed()) return schema();
  if (migrate_->parsed()) return migrate();
  return std::nullopt;
}

int DatabaseCommands::schema() const {
  std::cout << sql::script_of(all_schemas(), dialect_of(dialect_));
  return 0;
}

int DatabaseCommands::migrate() const {
  config::Problems problems;
  const auto configuration = read_configuration(config_, problems);
  if (!configuration) {
    std::cerr << problems.report() << "meerkat: the configuration has mistakes; nothing was done\n";
    return 2;
  }
  const auto& pools = configuration->settings.outgoing_pools.rdbms;
  const auto pool = pools.find(tag_);
  if (pool == pools.end()) {
    std::cerr << fmt::format("meerkat: there is no [outgoing_pools.rdbms.{}] in {}\n", tag_, config_.string());
    return 1;
  }
  try {
    const std::shared_ptr<sql::Database> database = open(pool->second, tag_);
    const std::vector<sql::Schema> schemas = all_schemas();
    for (std::size_t i = 0; i < schemas.size(); ++i) {
      const std::vector<std::string> steps = steps_to(*database, schemas[i]);
      if (!dry_run_) database->migrate(schemas[i]);
      const std::string_view outcome = steps.empty() ? "up to date" : dry_run_ ? "to do" : "done";
      std::cout << fmt::format("[{}/{}] {}: {}\n", i + 1, schemas.size(), schemas[i].name, outcome);
      for (const std::string& step : steps) std::cout << "    " << step << "\n";
      std::cout << std::flush;
    }
  } catch (const std::exception& failure) {
    std::cerr << "meerkat: " << failure.what() << "\n";
    return 1;
  }
  return 0;
}

}  // namespace meerkat
