// SPDX-License-Identifier: Apache-2.0
// The tables of accounts, `users` (MongooseIM's) and `account_bans`, and what is asked of them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>

#include "core/accounts.h"
#include "store/sql/migration.h"
#include "store/sql/query.h"

namespace meerkat::account_table {

// In characters.
inline constexpr unsigned longest_username = 250;

sql::Schema account_schema();

using PasswordRow = std::tuple<std::string, std::optional<std::string>, std::optional<std::string>>;
inline constexpr sql::Query<PasswordRow, std::string_view, std::string_view> find_password{
    "auth_find_password",
    "SELECT password, pass_details, banned_at FROM users LEFT JOIN account_bans USING (server, username) "
    "WHERE server = ? AND username = ?"};
inline constexpr sql::Query<std::tuple<std::optional<std::string>>, std::string_view, std::string_view> find_standing{
    "auth_standing",
    "SELECT banned_at FROM users LEFT JOIN account_bans USING (server, username) WHERE server = ? AND username = ?"};
inline constexpr sql::Query<std::tuple<std::int64_t>, std::string_view, std::string_view> find_user{
    "auth_exists", "SELECT 1 FROM users WHERE server = ? AND username = ?"};
using EntryRow = std::tuple<std::string, std::string, std::optional<std::string>, std::optional<std::string>>;
inline constexpr sql::Query<EntryRow, std::string_view, std::string_view> find_entry{
    "auth_entry",
    "SELECT username, created_at, reason, banned_at FROM users LEFT JOIN account_bans USING (server, username) "
    "WHERE server = ? AND username = ?"};
inline constexpr sql::Query<EntryRow, std::string_view, std::string_view, std::uint64_t> list_entries{
    "auth_list_after",
    "SELECT username, created_at, reason, banned_at FROM users LEFT JOIN account_bans USING (server, username) "
    "WHERE server = ? AND username > ? ORDER BY username LIMIT ?"};
inline constexpr sql::Upsert ban_user{"auth_ban", "account_bans", "server, username", "reason"};
inline constexpr sql::Statement<std::string_view, std::string_view> unban_user{
    "auth_unban", "DELETE FROM account_bans WHERE server = ? AND username = ?"};
inline constexpr sql::Statement<std::string_view, std::string_view, std::string_view, std::optional<std::string>>
    insert_user{"auth_register", "INSERT INTO users (server, username, password, pass_details) VALUES (?, ?, ?, ?)"};
inline constexpr sql::Statement<std::string_view, std::optional<std::string>, std::string_view, std::string_view>
    change_user{"auth_change_password",
                "UPDATE users SET password = ?, pass_details = ? WHERE server = ? AND username = ?"};
inline constexpr sql::Statement<std::string_view, std::string_view> remove_user{
    "auth_remove", "DELETE FROM users WHERE server = ? AND username = ?"};
inline constexpr sql::Query<std::tuple<std::uint64_t>, std::string_view> count_users{
    "auth_count", "SELECT COUNT(*) FROM users WHERE server = ?"};
inline constexpr sql::Query<std::tuple<std::string>, std::string_view, std::uint64_t, std::uint64_t> list_users{
    "auth_list", "SELECT username FROM users WHERE server = ? ORDER BY username LIMIT ? OFFSET ?"};

// Of all domains, as the planner knows it: the answer takes no time, and is as old as the last ANALYZE.
inline constexpr sql::Query<std::tuple<std::int64_t>> estimate_users_postgresql{
    "auth_estimate_pgsql", "SELECT CAST(reltuples AS bigint) FROM pg_class WHERE oid = CAST('users' AS regclass)"};
inline constexpr sql::Query<std::tuple<std::int64_t>> estimate_users_mysql{
    "auth_estimate_mysql",
    "SELECT CAST(table_rows AS SIGNED) FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = "
    "'users'"};

AccountEntry entry_from(EntryRow row);

}  // namespace meerkat::account_table
