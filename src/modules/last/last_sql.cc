// SPDX-License-Identifier: Apache-2.0
#include <tuple>
#include <utility>

#include "modules/last/last_store.h"
#include "store/sql/database.h"

namespace meerkat {
namespace {

using LastRow = std::tuple<std::int64_t, std::string>;

constexpr sql::Upsert save_last{"last_save", "last", "server, username", "seconds, state"};
constexpr sql::Query<LastRow, std::string_view, std::string_view> find_last{
    "last_find", "SELECT seconds, state FROM last WHERE server = ? AND username = ?"};
constexpr sql::Query<std::tuple<std::uint64_t>, std::string_view, std::int64_t> count_later{
    "last_count_later", "SELECT COUNT(*) FROM last WHERE server = ? AND seconds > ?"};
constexpr sql::Query<std::tuple<std::string>, std::string_view, std::int64_t> find_names_from{
    "last_names_from", "SELECT username FROM last WHERE server = ? AND seconds >= ?"};

class SqlLastStore final : public LastStore {
 public:
  explicit SqlLastStore(sql::Database& database) : database_(database) {}

  Task<std::optional<LastActivity>> get_last(const Jid& user) override {
    auto row = co_await database_.newest(find_last, save_last, user.domain(), user.node());
    if (!row) co_return std::nullopt;
    auto& [seconds, status] = *row;
    co_return LastActivity{seconds, std::move(status)};
  }

  Task<> set_last_info(const Jid& user, LastActivity last) override {
    return database_.upsert_behind(save_last, sql::key(user.domain(), user.node()),
                                   sql::values(last.seconds, std::move(last.status)), sql::Until::gathered);
  }

  Task<> remove(const Jid& user) override {
    return database_.remove_behind(save_last, sql::key(user.domain(), user.node()), sql::Until::queued);
  }

  Task<> settle() override { return database_.flush_behind(); }

  Task<> session_cleanup(const Jid& user, std::int64_t seconds) override {
    return set_last_info(user, {.seconds = seconds, .status = ""});
  }

  Task<std::uint64_t> count_later_than(const std::string& domain, std::int64_t seconds) override {
    co_await database_.flush_behind();
    const auto row = co_await database_.one(count_later, domain, seconds);
    co_return row ? std::get<0>(*row) : 0;
  }

  Task<std::vector<std::string>> names_from(const std::string& domain, std::int64_t seconds) override {
    co_await database_.flush_behind();
    auto rows = co_await database_.all(find_names_from, domain, seconds);
    std::vector<std::string> names;
    names.reserve(rows.size());
    for (auto& [name] : rows) names.push_back(std::move(name));
    co_return names;
  }

 private:
  sql::Database& database_;
};

}  // namespace

std::unique_ptr<LastStore> make_last_store(sql::Database& database) { return std::make_unique<SqlLastStore>(database); }

sql::Schema last_schema() {
  return {.name = "last",
          .tables = {sql::table("last")
                         .column("server", sql::varchar(250))
                         .column("username", sql::varchar(250))
                         // 32 bits end in 2038.
                         .column("seconds", sql::bigint())
                         .column("state", sql::text())
                         .primary_key("server, username")
                         .index("i_last_server_seconds", "server, seconds"),
                     // In the embedded database alone: who is online here, for the case that this server dies.
                     sql::table("last_online")
                         .column("server", sql::varchar(250))
                         .column("username", sql::varchar(250))
                         .primary_key("server, username")
                         .clustered(),
                     // And when it was certainly alive.
                     sql::table("last_alive")
                         .column("server", sql::varchar(250))
                         .column("seconds", sql::bigint())
                         .primary_key("server")},
          .migrations = {}};
}

}  // namespace meerkat
