// SPDX-License-Identifier: Apache-2.0
#include "services/system_metrics/client_id.h"

#include <optional>
#include <string_view>
#include <tuple>
#include <utility>

#include "base/log.h"
#include "base/random.h"
#include "store/sql/errors.h"

namespace meerkat {
namespace {

constexpr std::string_view the_key = "cluster_id";

constexpr sql::Query<std::tuple<std::string>, std::string_view> find_id{
    "cluster_id_find", "SELECT v FROM mongoose_cluster_id WHERE k = ?"};
constexpr sql::Statement<std::string_view, std::string_view> insert_id{
    "cluster_id_insert", "INSERT INTO mongoose_cluster_id (k, v) VALUES (?, ?)"};
constexpr sql::Upsert keep_id{.name = "cluster_id_keep", .table = "mongoose_cluster_id", .key = "k", .values = "v"};

Task<std::optional<std::string>> id_in(sql::Database& database) {
  auto row = co_await database.one(find_id, the_key);
  co_return row ? std::optional{std::move(std::get<0>(*row))} : std::nullopt;
}

// False when somebody was first.
Task<bool> insert(sql::Database& database, std::string_view id) {
  try {
    co_await database.execute(insert_id, the_key, id);
    co_return true;
  } catch (const sql::Constraint&) {
    co_return false;
  }
}

// What is there, or else the wish.
Task<std::string> settle(sql::Database& database, std::string wish) {
  auto there = co_await id_in(database);
  if (there) co_return std::move(*there);
  const bool is_first = co_await insert(database, wish);
  if (is_first) co_return wish;
  there = co_await id_in(database);
  co_return there.value_or(wish);
}

// Nothing when it cannot be asked and that does no harm, because there is one to go on with.
Task<std::optional<std::string>> settle_with_others(sql::Database& shared, const std::optional<std::string>& own) {
  try {
    std::string id = co_await settle(shared, own ? *own : random_uuid());
    co_return id;
  } catch (const Unavailable&) {
    if (!own) throw;
    co_return std::nullopt;
  }
}

}  // namespace

sql::Schema client_id_schema() {
  return {
      .name = "cluster_id",
      .tables = {
          sql::table("mongoose_cluster_id").column("k", sql::varchar(50)).column("v", sql::text()).primary_key("k")}};
}

Task<std::string> find_client_id(sql::Database& embedded, sql::Database* shared) {
  if (shared == nullptr) {
    std::string id = co_await settle(embedded, random_uuid());
    co_return id;
  }
  const auto own = co_await id_in(embedded);
  auto id = co_await settle_with_others(*shared, own);
  if (!id) co_return *own;
  if (own == id) co_return std::move(*id);
  if (own)
    log_warning("cluster_id_setup_conflict",
                {{"own", *own}, {"in_database", *id}, {"now", "the one in the database is used"}});
  co_await embedded.upsert(keep_id, sql::key(the_key), sql::values(*id));
  co_return std::move(*id);
}

}  // namespace meerkat
