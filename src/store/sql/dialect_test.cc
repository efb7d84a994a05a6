// SPDX-License-Identifier: Apache-2.0
#include "store/sql/dialect.h"

#include <doctest/doctest.h>

using namespace meerkat;

namespace {

constexpr sql::Upsert save_last{"last_save", "last", "server, username", "seconds, state"};
constexpr sql::Upsert add_group{"group_add", "rostergroups", "server, grp", ""};

sql::Table last_table() {
  return sql::table("last")
      .column("server", sql::varchar(250))
      .column("username", sql::varchar(250))
      .column("seconds", sql::integer())
      .column("state", sql::text().nullable())
      .primary_key("server, username")
      .index("i_last_server_seconds", "server, seconds")
      .clustered();
}

sql::Table room_table() {
  return sql::table("muc_rooms")
      .column("id", sql::bigserial())
      .column("muc_host", sql::varchar(250))
      .column("direction", sql::choice({"I", "O"}))
      .column("made", sql::timestamp().default_now())
      .primary_key("muc_host")
      .unique("i_rooms_made", "made")
      .references("muc_host", "hosts", "name");
}

}  // namespace

TEST_CASE("PostgreSQL counts its placeholders and leaves quoted question marks alone") {
  const auto& postgres = sql::postgresql_dialect();

  CHECK(postgres.placeholders("SELECT a FROM b WHERE c = ? AND d = ? LIMIT ? OFFSET ?") ==
        "SELECT a FROM b WHERE c = $1 AND d = $2 LIMIT $3 OFFSET $4");
  CHECK(postgres.placeholders("SELECT '?''?', \"?\" -- ?\n, ?") == "SELECT '?''?', \"?\" -- ?\n, $1");
}

TEST_CASE("SQLite and MySQL take question marks as they are") {
  CHECK(sql::sqlite_dialect().placeholders("SELECT ? LIMIT ?") == "SELECT ? LIMIT ?");
  CHECK(sql::mysql_dialect().placeholders("SELECT ? LIMIT ?") == "SELECT ? LIMIT ?");
}

TEST_CASE("an upsert is written as each database wants it") {
  CHECK(sql::sqlite_dialect().upsert(save_last) ==
        "INSERT INTO \"last\" (\"server\", \"username\", \"seconds\", \"state\") VALUES (?, ?, ?, ?) "
        "ON CONFLICT (\"server\", \"username\") DO UPDATE SET \"seconds\" = excluded.\"seconds\", "
        "\"state\" = excluded.\"state\"");
  CHECK(sql::postgresql_dialect().upsert(save_last).find("VALUES ($1, $2, $3, $4) ON CONFLICT") != std::string::npos);
  CHECK(sql::mysql_dialect().upsert(save_last) ==
        "INSERT INTO `last` (`server`, `username`, `seconds`, `state`) VALUES (?, ?, ?, ?) "
        "ON DUPLICATE KEY UPDATE `seconds` = VALUES(`seconds`), `state` = VALUES(`state`)");
}

TEST_CASE("an upsert of several rows repeats its placeholders") {
  CHECK(sql::postgresql_dialect().upsert(add_group, 2) ==
        "INSERT INTO \"rostergroups\" (\"server\", \"grp\") VALUES ($1, $2), ($3, $4) "
        "ON CONFLICT (\"server\", \"grp\") DO NOTHING");
}

TEST_CASE("an upsert without values leaves an existing row alone") {
  CHECK(sql::sqlite_dialect().upsert(add_group) ==
        "INSERT INTO \"rostergroups\" (\"server\", \"grp\") VALUES (?, ?) "
        "ON CONFLICT (\"server\", \"grp\") DO NOTHING");
  CHECK(sql::mysql_dialect().upsert(add_group) ==
        "INSERT INTO `rostergroups` (`server`, `grp`) VALUES (?, ?) ON DUPLICATE KEY UPDATE `server` = `server`");
}

TEST_CASE("a removal names the key alone") {
  CHECK(sql::postgresql_dialect().removal(save_last) ==
        "DELETE FROM \"last\" WHERE \"server\" = $1 AND \"username\" = $2");
  CHECK(sql::mysql_dialect().removal(save_last) == "DELETE FROM `last` WHERE `server` = ? AND `username` = ?");
}

TEST_CASE("a declared table becomes DDL, indexes beside it or inside") {
  using Statements = std::vector<std::string>;

  CHECK(sql::sqlite_dialect().create(last_table()) ==
        Statements{"CREATE TABLE IF NOT EXISTS \"last\" (\"server\" TEXT NOT NULL, \"username\" TEXT NOT NULL, "
                   "\"seconds\" INTEGER NOT NULL, \"state\" TEXT, PRIMARY KEY (\"server\", \"username\")) "
                   "WITHOUT ROWID",
                   "CREATE INDEX IF NOT EXISTS \"i_last_server_seconds\" ON \"last\" (\"server\", \"seconds\")"});
  CHECK(sql::postgresql_dialect().create(last_table()).front() ==
        "CREATE TABLE IF NOT EXISTS \"last\" (\"server\" VARCHAR(250) COLLATE \"C\" NOT NULL, "
        "\"username\" VARCHAR(250) COLLATE \"C\" NOT NULL, "
        "\"seconds\" INTEGER NOT NULL, \"state\" TEXT COLLATE \"C\", PRIMARY KEY (\"server\", \"username\"))");
  CHECK(sql::mysql_dialect().create(last_table()) ==
        Statements{"CREATE TABLE IF NOT EXISTS `last` (`server` VARCHAR(250) NOT NULL, "
                   "`username` VARCHAR(250) NOT NULL, `seconds` INT NOT NULL, `state` TEXT, "
                   "PRIMARY KEY (`server`, `username`), KEY `i_last_server_seconds` (`server`, `seconds`)) "
                   "CHARACTER SET utf8mb4 COLLATE utf8mb4_bin ROW_FORMAT=DYNAMIC"});
}

TEST_CASE("a column that numbers itself keeps its table's key unique everywhere") {
  CHECK(sql::sqlite_dialect().create(room_table()).front() ==
        "CREATE TABLE IF NOT EXISTS \"muc_rooms\" (\"id\" INTEGER PRIMARY KEY AUTOINCREMENT, "
        "\"muc_host\" TEXT NOT NULL, \"direction\" TEXT NOT NULL CHECK (\"direction\" IN ('I', 'O')), "
        "\"made\" TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP, UNIQUE (\"muc_host\"), "
        "FOREIGN KEY (\"muc_host\") REFERENCES \"hosts\" (\"name\") ON DELETE CASCADE)");
  CHECK(sql::postgresql_dialect().create(room_table()).front() ==
        "CREATE TABLE IF NOT EXISTS \"muc_rooms\" (\"id\" BIGSERIAL NOT NULL, "
        "\"muc_host\" VARCHAR(250) COLLATE \"C\" NOT NULL, "
        "\"direction\" TEXT COLLATE \"C\" NOT NULL CHECK (\"direction\" IN ('I', 'O')), "
        "\"made\" TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP, PRIMARY KEY (\"muc_host\"), UNIQUE (\"id\"), "
        "FOREIGN KEY (\"muc_host\") REFERENCES \"hosts\" (\"name\") ON DELETE CASCADE)");
  CHECK(sql::mysql_dialect().create(room_table()).front().find("`id` BIGINT AUTO_INCREMENT NOT NULL, ") !=
        std::string::npos);
}

TEST_CASE("MySQL finds rows with texts in their key by the hash of the key, and by how the texts begin") {
  const auto groups = sql::table("rostergroups")
                          .column("server", sql::varchar(250))
                          .column("grp", sql::text())
                          .primary_key("server, grp")
                          .index("i_grp", "grp");
  CHECK(sql::mysql_dialect().create(groups).front() ==
        "CREATE TABLE IF NOT EXISTS `rostergroups` (`server` VARCHAR(250) NOT NULL, `grp` TEXT NOT NULL, "
        "`key_hash` BINARY(32) GENERATED ALWAYS AS (UNHEX(SHA2(CONCAT(HEX(`server`), '.', HEX(`grp`)), 256))) STORED, "
        "UNIQUE KEY (`key_hash`), KEY `key_begins` (`server`, `grp`(100)), KEY `i_grp` (`grp`(100))) "
        "CHARACTER SET utf8mb4 COLLATE utf8mb4_bin ROW_FORMAT=DYNAMIC");
}
