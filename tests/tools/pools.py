# SPDX-License-Identifier: Apache-2.0
# Pools of services outside as an operator sees them, and the tables of a database.
import re
import sqlite3

from xmpptest.runner import expect, test


@test("a pool that cannot connect is listed with the reason, and tried with the same")
def unreachable_pool(office):
    [row] = office.done("pool", "list", "--json").json()
    expect(row["pool"] == "redis.gone" and row["connected"] == "0 of 2", row)
    expect("Connection refused" in row["last_error"], row)
    tried = office.meerkat("pool", "test", "--json")
    expect(tried.code == 1, tried)
    said = tried.json()
    expect(not said[0]["reachable"] and "Connection refused" in said[0]["error"], said)
    office.refused("pool_not_found", "pool", "test", "redis.nobody")


@test("a worker that is down says so once, however often it tries")
def one_line_for_each(office):
    down, starts = office.logged("pool_worker_down"), office.logged("descriptor_limit")
    expect(len(down) == 2 * len(starts) and all("next_try_in_ms=" in line for line in down), down)


@test("the tables of a database are printed for each kind of it")
def schema(office):
    for kind, word in (("pgsql", "BYTEA"), ("mysql", "utf8mb4"), ("sqlite", "AUTOINCREMENT")):
        said = office.program("db", "schema", kind)
        expect(said.code == 0 and word in said.out, said)
        expect(len(re.findall(r"CREATE TABLE IF NOT EXISTS .schema_migrations", said.out)) == 1, said)
        expect("INSERT INTO schema_migrations (name, number, what) VALUES ('roster', " in said.out, said)
    said = office.program("db", "schema", "oracle")
    expect(said.code == 2 and "oracle" in said.err, said)


@test("tables are made in the database of a pool, after a dry run that changes nothing")
def migrate(office):
    folder = office.directory / "migrated"
    config = office.directory / "migrate.toml"
    config.write_text(f"""
[general]
  hosts = ["localhost"]
  default_server_domain = "localhost"
[[listen.c2s]]
  port = 0
[auth.internal]
[outgoing_pools.rdbms.default.connection]
  driver = "sqlite"
  database = "{folder}"
""")
    dry = office.program("db", "migrate", "--config", config, "--dry-run")
    expect(dry.code == 0 and "to do" in dry.out and "create table rosterusers" in dry.out, dry)
    done = office.program("db", "migrate", "--config", config)
    expect(done.code == 0 and "done" in done.out and "create table users" in done.out, done)
    again = office.program("db", "migrate", "--config", config)
    expect(again.code == 0 and "create table" not in again.out and "up to date" in again.out, again)
    database = sqlite3.connect(next(folder.glob("*.sqlite")) if folder.is_dir() else folder)
    names = {name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    expect({"users", "rosterusers", "offline_message", "private_storage"} <= names, names)
    lost = office.program("db", "migrate", "--config", config, "--pool", "nobody")
    expect(lost.code == 1 and "outgoing_pools.rdbms.nobody" in lost.err, lost)
