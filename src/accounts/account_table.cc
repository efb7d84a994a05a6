// SPDX-License-Identifier: Apache-2.0
#include "accounts/account_table.h"

#include <utility>

#include "store/sql/dialect.h"
#include "xmpp/date_time.h"

namespace meerkat::account_table {
namespace {

sql::Table bans_table() {
  return sql::table("account_bans")
      .column("server", sql::varchar(250))
      .column("username", sql::varchar(longest_username))
      .column("reason", sql::text())
      .column("banned_at", sql::timestamp().default_now())
      .primary_key("server, username");
}

// A program that does not know of bans must not open the database: it would let the banned in.
void add_bans(sql::Transaction& transaction) {
  for (const std::string& statement : transaction.dialect().create(bans_table()))
    transaction.run_statement("create_bans", statement, {});
}

// "2026-01-01 00:00:00", as the database writes it, in UTC.
WallTime time_of(std::string text) {
  if (text.size() < 19) return {};
  text.resize(19);
  text[10] = 'T';
  return parse_date_time(text + 'Z').value_or(WallTime{});
}

}  // namespace

sql::Schema account_schema() {
  return {.name = "accounts",
          .tables = {sql::table("users")
                         .column("username", sql::varchar(longest_username))
                         .column("server", sql::varchar(250))
                         .column("password", sql::text())
                         .column("pass_details", sql::text().nullable())
                         .column("created_at", sql::timestamp().default_now())
                         .primary_key("server, username"),
                     bans_table()},
          .migrations = {{.number = 1, .what = "accounts can be banned", .run = add_bans}}};
}

AccountEntry entry_from(EntryRow row) {
  auto& [name, created, reason, banned_at] = row;
  AccountEntry entry{std::move(name), time_of(std::move(created)), {}};
  if (banned_at) entry.ban = Ban{std::move(reason).value_or(""), time_of(std::move(*banned_at))};
  return entry;
}

}  // namespace meerkat::account_table
