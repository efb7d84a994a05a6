// SPDX-License-Identifier: Apache-2.0
#include <tuple>
#include <utility>

#include "modules/private/private_store.h"
#include "store/sql/database.h"

namespace meerkat {
namespace {

using Amount = std::tuple<std::uint64_t, std::optional<std::uint64_t>>;

constexpr sql::Query<std::tuple<std::string>, std::string_view, std::string_view, std::string_view> find_elements{
    "private_find", "SELECT data FROM private_storage WHERE server = ? AND username = ? AND namespace = ?"};
constexpr sql::Query<Amount, std::string_view, std::string_view> measure_all{
    "private_measure", "SELECT COUNT(*), SUM(LENGTH(data)) FROM private_storage WHERE server = ? AND username = ?"};
constexpr sql::Upsert save_elements{"private_save", "private_storage", "server, username, namespace", "data"};
constexpr sql::Statement<std::string_view, std::string_view> remove_elements{
    "private_remove", "DELETE FROM private_storage WHERE server = ? AND username = ?"};

// Thrown so that the transaction is undone; goes no further.
struct NoRoom {};

class SqlPrivateStore final : public PrivateStore {
 public:
  explicit SqlPrivateStore(sql::Database& database) : database_(database) {}

  Task<std::optional<std::string>> find(const Jid& user, const std::string& uri) override {
    auto row = co_await database_.one(find_elements, user.domain(), user.node(), uri);
    if (!row) co_return std::nullopt;
    co_return std::move(std::get<0>(*row));
  }

  Task<bool> save(const Jid& user, std::vector<PrivateElements> elements, PrivateRoom room) override {
    const std::string server{user.domain()};
    const std::string name{user.node()};
    try {
      co_await database_.transaction([&](sql::Transaction& transaction) {
        for (const PrivateElements& one : elements)
          transaction.upsert(save_elements, sql::key(server, name, one.uri), sql::values(one.xml));
        const auto [namespaces, bytes] = transaction.one(measure_all, server, name).value();
        if (namespaces > room.namespaces || bytes.value_or(0) > room.bytes) throw NoRoom{};
      });
    } catch (const NoRoom&) {
      co_return false;
    }
    co_return true;
  }

  Task<> remove_all(const Jid& user) override {
    [[maybe_unused]] const auto removed = co_await database_.execute(remove_elements, user.domain(), user.node());
  }

 private:
  sql::Database& database_;
};

}  // namespace

std::unique_ptr<PrivateStore> make_private_store(sql::Database& database) {
  return std::make_unique<SqlPrivateStore>(database);
}

sql::Schema private_schema() {
  return {.name = "private",
          .tables = {sql::table("private_storage")
                         .column("server", sql::varchar(250))
                         .column("username", sql::varchar(250))
                         .column("namespace", sql::varchar(250))
                         .column("data", sql::large_text())
                         .column("created_at", sql::timestamp().default_now())
                         .primary_key("server, username, namespace")},
          .migrations = {}};
}

}  // namespace meerkat
