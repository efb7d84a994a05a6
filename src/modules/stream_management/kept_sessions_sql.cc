// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "modules/stream_management/kept_sessions.h"
#include "store/sql/database.h"

namespace meerkat {
namespace {

using SessionRow = std::tuple<std::string, std::string, std::uint32_t, std::string>;
using StanzaRow = std::tuple<std::string, std::uint64_t, std::uint8_t, bool, bool, bool, bool, std::string>;

constexpr sql::Upsert save_session{"sm_save_session", "sm_session", "id",
                                   "server, username, resource, saved_at, record"};
constexpr sql::Upsert save_stanza{"sm_save_stanza", "sm_session_queue", "session, position",
                                  "entry, form, must_arrive, taken, given_back, by_server, packet"};
constexpr sql::Statement<std::string_view> remove_queue{"sm_remove_queue",
                                                        "DELETE FROM sm_session_queue WHERE session = ?"};
constexpr sql::Query<std::tuple<std::string>, std::string_view, std::string_view, std::uint64_t> find_accounts{
    "sm_accounts",
    "SELECT DISTINCT username FROM sm_session WHERE server = ? AND username > ? ORDER BY username LIMIT ?"};
constexpr sql::Query<SessionRow, std::string_view, std::string_view> find_sessions{
    "sm_sessions",
    "SELECT id, resource, saved_at, record FROM sm_session WHERE server = ? AND username = ? ORDER BY saved_at, id"};
constexpr sql::Query<StanzaRow, std::string_view, std::string_view> find_stanzas{
    "sm_queues",
    "SELECT q.session, q.entry, q.form, q.must_arrive, q.taken, q.given_back, q.by_server, q.packet FROM "
    "sm_session_queue q "
    "JOIN sm_session s ON s.id = q.session WHERE s.server = ? AND s.username = ? ORDER BY q.session, q.position"};
constexpr sql::Statement<std::string_view, std::string_view> remove_sessions{
    "sm_remove_sessions", "DELETE FROM sm_session WHERE server = ? AND username = ?"};

constexpr sql::Upsert save_ended{"sm_save_stale_h", "stream_mgmt_stale_h", "smid", "server, username, h, stamp"};
constexpr sql::Query<std::tuple<std::uint32_t, std::uint32_t>, std::string_view, std::string_view, std::string_view>
    find_ended{"sm_stale_h", "SELECT h, stamp FROM stream_mgmt_stale_h WHERE smid = ? AND server = ? AND username = ?"};
constexpr sql::Statement<std::string_view, std::string_view> remove_ended{
    "sm_remove_stale_h", "DELETE FROM stream_mgmt_stale_h WHERE server = ? AND username = ?"};
constexpr sql::Statement<std::string_view, std::uint32_t> collect_ended{
    "sm_collect_stale_h", "DELETE FROM stream_mgmt_stale_h WHERE server = ? AND stamp <= ?"};
constexpr sql::Query<std::tuple<std::uint32_t>, std::string_view, std::uint64_t> find_oldest_kept{
    "sm_oldest_stale_h", "SELECT stamp FROM stream_mgmt_stale_h WHERE server = ? ORDER BY stamp DESC LIMIT 1 OFFSET ?"};

// On the writer thread.
void save_rows(sql::Transaction& rows, const Jid& user, const KeptSession& session) {
  rows.execute(remove_queue, session.id);
  rows.upsert(save_session, sql::key(session.id),
              sql::values(user.domain(), user.node(), session.resource, session.saved_at, session.record));
  std::int64_t position = 0;
  for (const KeptStanza& stanza : session.queue)
    rows.upsert(save_stanza, sql::key(session.id, position++),
                sql::values(stanza.entry, static_cast<std::uint8_t>(stanza.form), stanza.must_arrive, stanza.taken,
                            stanza.given_back, stanza.by_server, stanza.packet));
}

// An unknown form, of a newer server perhaps, is the stanza itself.
Form form_of(std::uint8_t number) {
  return number <= static_cast<std::uint8_t>(Form::sent_copy) ? static_cast<Form>(number) : Form::itself;
}

class SqlKeptSessions final : public KeptSessions {
 public:
  explicit SqlKeptSessions(sql::Database& database) : database_(database) {}

  Task<> save(std::vector<OfAccount> accounts) override {
    return database_.transaction([accounts = std::move(accounts)](sql::Transaction& rows) {
      for (const OfAccount& account : accounts)
        for (const KeptSession& session : account.sessions) save_rows(rows, account.user, session);
    });
  }

  Task<std::vector<std::string>> accounts_behind(std::string domain, std::string name, std::size_t most) override {
    auto rows = co_await database_.all(find_accounts, domain, name, most);
    std::vector<std::string> names;
    names.reserve(rows.size());
    for (auto& [username] : rows) names.push_back(std::move(username));
    co_return names;
  }

  Task<std::vector<KeptSession>> of(Jid user) override {
    auto rows = co_await database_.all(find_sessions, user.domain(), user.node());
    std::vector<KeptSession> sessions;
    sessions.reserve(rows.size());
    std::map<std::string, std::size_t, std::less<>> places;
    for (auto& [id, resource, saved_at, record] : rows) {
      places.emplace(id, sessions.size());
      sessions.push_back({std::move(id), std::move(resource), saved_at, std::move(record), {}});
    }
    auto stanzas = co_await database_.all(find_stanzas, user.domain(), user.node());
    for (auto& [session, entry, form, must_arrive, taken, given_back, by_server, packet] : stanzas)
      if (const auto place = places.find(session); place != places.end())
        sessions[place->second].queue.push_back(
            {entry, form_of(form), must_arrive, taken, given_back, by_server, std::move(packet)});
    co_return sessions;
  }

  Task<> forget_soon(std::string id) override {
    return database_.remove_behind(save_session, sql::key(std::move(id)), sql::Until::queued);
  }
  Task<> settle() override { return database_.flush_behind(); }

  Task<> remember(EndedSession session) override {
    return database_.upsert_behind(
        save_ended, sql::key(session.id),
        sql::values(session.user.domain(), session.user.node(), session.handled, session.stamp));
  }
  Task<std::optional<EndedSession>> ended(std::string id, Jid user) override {
    const auto row = co_await database_.one(find_ended, id, user.domain(), user.node());
    if (!row) co_return std::nullopt;
    const auto [handled, stamp] = *row;
    co_return EndedSession{std::move(id), std::move(user), handled, stamp};
  }
  Task<> collect(std::string domain, std::uint32_t stamp, std::uint64_t most) override {
    return database_.transaction([domain = std::move(domain), stamp, most](sql::Transaction& rows) {
      const auto first_too_many = rows.one(find_oldest_kept, domain, most);
      rows.execute(collect_ended, domain, first_too_many ? std::max(stamp, std::get<0>(*first_too_many)) : stamp);
    });
  }

  Task<> remove_all(Jid user) override {
    co_await database_.flush_behind();
    co_await database_.execute(remove_sessions, user.domain(), user.node());
    co_await database_.execute(remove_ended, user.domain(), user.node());
  }

 private:
  sql::Database& database_;
};

}  // namespace

std::unique_ptr<KeptSessions> make_kept_sessions(sql::Database& database) {
  return std::make_unique<SqlKeptSessions>(database);
}

sql::Schema stream_management_schema() {
  return {"stream_management",
          {sql::table("sm_session")
               .column("id", sql::varchar(100))
               .column("server", sql::varchar(250))
               .column("username", sql::varchar(250))
               .column("resource", sql::text())
               .column("saved_at", sql::bigint())
               .column("record", sql::large_text())
               .primary_key("id")
               .index("i_sm_session_user", "server, username"),
           sql::table("sm_session_queue")
               .column("session", sql::varchar(100))
               .column("position", sql::integer())
               .column("entry", sql::bigint())
               .column("form", sql::smallint())
               .column("must_arrive", sql::boolean())
               .column("taken", sql::boolean())
               .column("given_back", sql::boolean())
               .column("by_server", sql::boolean())
               .column("packet", sql::large_text())
               .primary_key("session, position")
               .references("session", "sm_session", "id"),
           sql::table("stream_mgmt_stale_h")
               .column("smid", sql::varchar(100))
               .column("server", sql::varchar(250))
               .column("username", sql::varchar(250))
               .column("h", sql::bigint())
               .column("stamp", sql::bigint())
               .primary_key("smid")
               .index("i_stream_mgmt_stale_h_stamp", "server, stamp")
               .index("i_stream_mgmt_stale_h_user", "server, username")},
          {}};
}

}  // namespace meerkat
