// SPDX-License-Identifier: Apache-2.0
// The table `offline_message`, as MongooseIM has it.
#include <algorithm>
#include <span>

#include "modules/offline/offline_store.h"
#include "store/sql/database.h"

namespace meerkat {
namespace {

using Row = std::tuple<std::uint64_t, std::int64_t, std::optional<std::int64_t>, std::string, std::string>;
constexpr sql::Query<Row, std::string_view, std::string_view, std::uint64_t, std::uint64_t> read_messages{
    "offline_read",
    "SELECT id, timestamp, expire, from_jid, packet FROM offline_message "
    "WHERE server = ? AND username = ? AND id > ? ORDER BY id LIMIT ?"};
constexpr sql::Query<std::tuple<std::uint64_t>, std::string_view, std::string_view> count_messages{
    "offline_count", "SELECT COUNT(*) FROM offline_message WHERE server = ? AND username = ?"};
constexpr sql::Statement<std::int64_t, std::optional<std::int64_t>, std::string_view, std::string_view,
                         std::string_view, std::string_view>
    add_message{"offline_add",
                "INSERT INTO offline_message (timestamp, expire, server, username, from_jid, packet) "
                "VALUES (?, ?, ?, ?, ?, ?)"};
constexpr sql::Statement<std::string_view, std::string_view, std::int64_t> remove_useless{
    "offline_remove_useless", "DELETE FROM offline_message WHERE server = ? AND username = ? AND expire <= ?"};
constexpr sql::Statement<std::string_view, std::string_view> remove_of_user{
    "offline_remove_all", "DELETE FROM offline_message WHERE server = ? AND username = ?"};
constexpr sql::Statement<std::uint64_t> remove_one{"offline_remove", "DELETE FROM offline_message WHERE id = ?"};

constexpr std::size_t many = 16;
constexpr std::string_view remove_many =
    "DELETE FROM offline_message WHERE id IN (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
static_assert(std::ranges::count(remove_many, '?') == many);

// How many of so many find room.
std::size_t fitting(std::size_t wanted, std::uint64_t there, std::uint64_t most) {
  return there >= most ? 0 : static_cast<std::size_t>(std::min<std::uint64_t>(wanted, most - there));
}

// On the writer thread.
OfflineAppended append_rows(sql::Transaction& transaction, const Jid& user,
                            const std::vector<NewOfflineMessage>& messages, const std::optional<OfflineRoom>& room) {
  const auto count = [&] {
    const std::uint64_t rows = std::get<0>(*transaction.one(count_messages, user.domain(), user.node()));
    return rows - std::min(rows, room->going);
  };
  OfflineAppended outcome{messages.size(), std::nullopt};
  if (room) {
    std::uint64_t there = room->there ? *room->there : count();
    outcome.kept = fitting(messages.size(), there, room->most);
    if (outcome.kept < messages.size() &&
        transaction.execute(remove_useless, user.domain(), user.node(), room->now) > 0) {
      there = count();
      outcome.kept = fitting(messages.size(), there, room->most);
    }
    outcome.there = there + outcome.kept;
  }
  for (const NewOfflineMessage& message : std::span{messages}.first(outcome.kept))
    transaction.execute(add_message, message.came, message.useless_from, user.domain(), user.node(), message.from,
                        message.packet);
  return outcome;
}

void remove_rows(sql::Transaction& transaction, const std::vector<OfflineName>& messages) {
  auto rest = std::span{messages};
  for (sql::Values numbers; rest.size() >= many; rest = rest.subspan(many)) {
    numbers.clear();
    for (const OfflineName& message : rest.first(many)) numbers.emplace_back(message.number);
    transaction.run_statement("offline_remove_many", remove_many, numbers);
  }
  for (const OfflineName& message : rest) transaction.execute(remove_one, message.number);
}

class OfflineSql final : public OfflineStore {
 public:
  explicit OfflineSql(sql::Database& database) : database_(database) {}

  Task<OfflineAppended> append(Jid user, std::vector<NewOfflineMessage> messages,
                               std::optional<OfflineRoom> room) override {
    return database_.transaction([user = std::move(user), messages = std::move(messages),
                                  room](sql::Transaction& rows) { return append_rows(rows, user, messages, room); });
  }
  Task<std::vector<OfflineMessage>> read_behind(Jid user, std::uint64_t number, std::size_t most) override {
    auto rows = co_await database_.all(read_messages, user.domain(), user.node(), number, most);
    std::vector<OfflineMessage> messages;
    messages.reserve(rows.size());
    for (auto& [id, came, useless_from, from, packet] : rows)
      messages.push_back({id, came, useless_from, std::move(from), std::move(packet)});
    co_return messages;
  }
  Task<> remove(std::vector<OfflineName> messages) override {
    return database_.transaction(
        [messages = std::move(messages)](sql::Transaction& rows) { remove_rows(rows, messages); });
  }
  Task<> remove_all(Jid user) override { co_await database_.execute(remove_of_user, user.domain(), user.node()); }

 private:
  sql::Database& database_;
};

}  // namespace

std::unique_ptr<OfflineStore> make_offline_store(sql::Database& database) {
  return std::make_unique<OfflineSql>(database);
}

sql::Schema offline_schema() {
  return {"offline",
          {sql::table("offline_message")
               .column("id", sql::bigserial())
               .column("timestamp", sql::bigint())
               .column("expire", sql::bigint().nullable())
               .column("server", sql::varchar(250))
               .column("username", sql::varchar(250))
               .column("from_jid", sql::text())
               .column("packet", sql::large_text())
               .column("permanent_fields", sql::blob().nullable())
               .primary_key("id")
               .index("i_offline_message", "server, username, id")},
          {}};
}

}  // namespace meerkat
