// SPDX-License-Identifier: Apache-2.0
#include "modules/roster/roster_sql.h"

#include <cstdint>
#include <string_view>
#include <tuple>
#include <utility>

#include "base/log.h"
#include "store/sql/database.h"

namespace meerkat {
namespace {

using std::string;
using std::string_view;

// A contact comes as often as it has groups, and once without any.
using ContactRow = std::tuple<string, string, string, string, bool, bool, std::optional<string>>;
constexpr sql::Query<ContactRow, string_view, string_view> read_contacts{
    "roster_contacts",
    "SELECT u.jid, u.nick, u.subscription, u.ask, u.approved, u.listed, g.grp FROM rosterusers u LEFT JOIN "
    "rostergroups g ON g.server = u.server AND g.username = u.username AND g.jid = u.jid "
    "WHERE u.server = ? AND u.username = ? ORDER BY u.jid, g.grp"};
constexpr sql::Query<std::tuple<string, string>, string_view, string_view, std::int64_t, std::int64_t> read_requests{
    "roster_requests",
    "SELECT jid, askmessage FROM rosterusers WHERE server = ? AND username = ? AND ask IN ('I', 'B') "
    "ORDER BY created_at, jid LIMIT ? OFFSET ?"};
constexpr sql::Query<std::tuple<string>, string_view, string_view> read_version{
    "roster_version", "SELECT version FROM roster_version WHERE server = ? AND username = ?"};
constexpr sql::Query<std::tuple<std::int64_t>, string_view, string_view> find_any{
    "roster_knows", "SELECT 1 FROM rosterusers WHERE server = ? AND username = ?"};

constexpr sql::Query<std::tuple<string>, string_view, string_view, string_view> read_request{
    "roster_request", "SELECT askmessage FROM rosterusers WHERE server = ? AND username = ? AND jid = ?"};

constexpr sql::Upsert write_contact{"roster_write", "rosterusers", "server, username, jid",
                                    "nick, subscription, ask, askmessage, approved, listed"};
constexpr sql::Upsert write_group{"roster_write_group", "rostergroups", "server, username, jid, grp", ""};
constexpr sql::Upsert write_version{"roster_write_version", "roster_version", "server, username", "version"};
constexpr sql::Statement<string_view, string_view, string_view> remove_groups{
    "roster_remove_groups", "DELETE FROM rostergroups WHERE server = ? AND username = ? AND jid = ?"};

constexpr sql::Statement<string_view, string_view> remove_everything[] = {
    {"roster_remove_all_groups", "DELETE FROM rostergroups WHERE server = ? AND username = ?"},
    {"roster_remove_all", "DELETE FROM rosterusers WHERE server = ? AND username = ?"},
    {"roster_remove_version", "DELETE FROM roster_version WHERE server = ? AND username = ?"}};

struct Letter {
  Subscription subscription;
  char letter;
};
constexpr Letter letters[] = {
    {Subscription::none, 'N'}, {Subscription::to, 'T'}, {Subscription::from, 'F'}, {Subscription::both, 'B'}};

string letter_of(Subscription subscription) {
  for (const Letter& each : letters)
    if (each.subscription == subscription) return {each.letter};
  return "N";
}

Subscription subscription_of(string_view letter) {
  for (const Letter& each : letters)
    if (letter == string_view{&each.letter, 1}) return each.subscription;
  return Subscription::none;
}

// B: both have asked; O: the account; I: the contact; N: nobody. S and U come from tables of old servers: the account
// has asked, or has given up.
string ask_letter_of(const Contact& contact) {
  if (contact.asked_out) return contact.asked_in ? "B" : "O";
  return contact.asked_in ? "I" : "N";
}

Contact contact_of(Jid address, ContactRow& row) {
  auto& [jid, nick, subscription, ask, approved, listed, group] = row;
  Contact contact{.jid = std::move(address), .name = std::move(nick)};
  contact.subscription = subscription_of(subscription);
  contact.asked_out = ask == "O" || ask == "B" || ask == "S";
  contact.asked_in = ask == "I" || ask == "B";
  contact.approved = approved;
  // Other servers' tables do not say who has only asked.
  const bool only_asks = contact.asked_in && !contact.asked_out && !approved &&
                         contact.subscription == Subscription::none && contact.name.empty() && !group;
  contact.listed = listed || !only_asks;
  return contact;
}

class SqlRosterStore final : public RosterStore {
 public:
  explicit SqlRosterStore(sql::Database& database) : database_(database) {}

  Task<std::vector<Contact>> contacts(Jid user) override {
    std::vector<ContactRow> rows = co_await database_.all(read_contacts, user.domain(), user.node());
    std::vector<Contact> contacts;
    for (ContactRow& row : rows) {
      const string& jid = std::get<0>(row);
      if (contacts.empty() || contacts.back().jid.text() != jid) {
        auto address = Jid::parse(jid);
        if (!address || address->text() != jid) {
          log_warning("roster_row_skipped", {{"user", user.text()}, {"jid", jid}, {"because", "it is no address"}});
          continue;
        }
        contacts.push_back(contact_of(std::move(*address), row));
      }
      if (auto& group = std::get<6>(row); group && !group->empty()) contacts.back().groups.push_back(std::move(*group));
    }
    co_return contacts;
  }

  Task<string> version(Jid user) override {
    auto row = co_await database_.one(read_version, user.domain(), user.node());
    co_return row ? std::move(std::get<0>(*row)) : string{};
  }

  Task<> set_version(Jid user, string version) override {
    co_await database_.upsert(write_version, sql::key(user.domain(), user.node()), sql::values(version));
  }

  Task<> change(RosterChange change) override {
    co_await database_.transaction([&change](sql::Transaction& transaction) { write(transaction, change); });
  }

  Task<std::vector<PendingRequest>> requests(Jid user, std::size_t limit) override {
    auto rows = co_await database_.all(read_requests, user.domain(), user.node(), static_cast<std::int64_t>(limit), 0);
    std::vector<PendingRequest> requests;
    for (auto& [jid, stanza] : rows)
      if (auto from = Jid::parse(jid)) requests.push_back({std::move(*from), std::move(stanza)});
    co_return requests;
  }

  Task<bool> knows(Jid user) override {
    const auto row = co_await database_.one(find_any, user.domain(), user.node());
    co_return row.has_value();
  }

  Task<> remove(Jid user) override {
    co_await database_.transaction([&user](sql::Transaction& transaction) {
      for (const auto& statement : remove_everything) transaction.execute(statement, user.domain(), user.node());
    });
  }

 private:
  static void write(sql::Transaction& transaction, const RosterChange& change) {
    const string_view server = change.user.domain();
    const string_view user = change.user.node();
    const string_view jid = change.contact.text();
    transaction.execute(remove_groups, server, user, jid);
    if (change.after) {
      const Contact& contact = *change.after;
      string request = change.request.value_or("");
      if (!change.request)
        if (auto kept = transaction.one(read_request, server, user, jid)) request = std::move(std::get<0>(*kept));
      transaction.upsert(write_contact, sql::key(server, user, jid),
                         sql::values(contact.name, letter_of(contact.subscription), ask_letter_of(contact),
                                     std::move(request), contact.approved, contact.listed));
      for (const string& group : contact.groups)
        transaction.upsert(write_group, sql::key(server, user, jid, group), {});
    } else {
      transaction.remove(write_contact, sql::key(server, user, jid));
    }
    if (!change.version) return;
    if (change.version->empty())
      transaction.remove(write_version, sql::key(server, user));
    else
      transaction.upsert(write_version, sql::key(server, user), sql::values(*change.version));
  }

  sql::Database& database_;
};

}  // namespace

std::unique_ptr<RosterStore> sql_roster_store(sql::Database& database) {
  return std::make_unique<SqlRosterStore>(database);
}

sql::Schema roster_schema() {
  return {.name = "roster",
          .tables = {sql::table("rosterusers")
                         .column("server", sql::varchar(250))
                         .column("username", sql::varchar(250))
                         .column("jid", sql::text())
                         .column("nick", sql::text())
                         .column("subscription", sql::varchar(1))
                         .column("ask", sql::varchar(1))
                         .column("askmessage", sql::text())
                         .column("created_at", sql::timestamp().default_now())
                         .column("approved", sql::boolean().with_default("FALSE"))
                         .column("listed", sql::boolean().with_default("FALSE"))
                         .primary_key("server, username, jid"),
                     sql::table("rostergroups")
                         .column("server", sql::varchar(250))
                         .column("username", sql::varchar(250))
                         .column("jid", sql::text())
                         .column("grp", sql::text())
                         .primary_key("server, username, jid, grp"),
                     sql::table("roster_version")
                         .column("server", sql::varchar(250))
                         .column("username", sql::varchar(250))
                         .column("version", sql::text())
                         .primary_key("server, username")},
          .migrations = {}};
}

}  // namespace meerkat
