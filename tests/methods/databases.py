# SPDX-License-Identifier: Apache-2.0
# auth.rdbms: the table `users` of a database that others use as well.
from kit import client_of, expect_same, log_in, refusal, server_with, told
from services.kinds import make_service
from services.service import NotHere
from xmpptest.runner import LeftOut, test

# As MongooseIM's priv/pg.sql has it.
USERS = """
CREATE TABLE users (username varchar(250) NOT NULL, server varchar(250) NOT NULL, "password" text NOT NULL,
  pass_details text, created_at TIMESTAMP NOT NULL DEFAULT now(), PRIMARY KEY (server, username))
"""
AUTH = """
[admin]
  socket = "$$HERE/admin.sock"
[auth]
  sasl_mechanisms = ["scram_sha256", "plain"]
  password.scram_iterations = 4096
[auth.rdbms]
  users_number_estimate = {estimate}
[outgoing_pools.rdbms.default]
  workers = 2
  [outgoing_pools.rdbms.default.connection]
    driver = "pgsql"
    host = "127.0.0.1"
    port = {port}
    database = "meerkat"
    username = "meerkat"
    password = "{password}"
"""


def accounts_counted(binary, server):
    return sum(row["accounts"] for row in told(binary, server, "account", "count"))


@test("a table of MongooseIM's is used as it is, and what others change in it counts at once")
def shared_table(binary):
    try:
        with make_service("postgres") as database:
            database.psql(USERS, user="meerkat")
            database.psql("INSERT INTO users VALUES ('old', 'localhost', 'open sesame', NULL)", user="meerkat")
            fill = {"port": database.port, "password": database.password}
            with server_with(binary, AUTH.format(estimate="false", **fill)) as server:
                share(binary, server, database)
            with server_with(binary, AUTH.format(estimate="true", **fill)) as server:
                estimate(binary, server, database)
    except NotHere as reason:
        raise LeftOut(str(reason)) from reason


def share(binary, server, database):
    log_in(server, "old", "open sesame", "SCRAM-SHA-256")
    with client_of(server) as stranger:
        stranger.secure()
        stranger.register("fresh", "first")
    log_in(server, "fresh", "first", "SCRAM-SHA-256")
    expect_same(accounts_counted(binary, server), 2)
    database.psql("UPDATE users SET password = 'second', pass_details = NULL WHERE username = 'fresh'", user="meerkat")
    expect_same(refusal(server, "fresh", "first", "SCRAM-SHA-256"), "not-authorized")
    log_in(server, "fresh", "second", "SCRAM-SHA-256")
    database.psql("DELETE FROM users WHERE username = 'old'", user="meerkat")
    expect_same(refusal(server, "old", "open sesame"), "not-authorized")


def estimate(binary, server, database):
    database.psql("INSERT INTO users SELECT 'u' || n, 'localhost', '', NULL FROM generate_series(1, 500) n; ANALYZE users",
                  user="meerkat")
    database.psql("DELETE FROM users WHERE username <> 'fresh'", user="meerkat")
    expect_same(accounts_counted(binary, server), 501)
    log_in(server, "fresh", "second")
