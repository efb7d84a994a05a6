# SPDX-License-Identifier: Apache-2.0
# auth.external: a program that knows the accounts.
from pathlib import Path

from kit import client_of, expect_same, log_in, offered, refusal, server_with, told
from xmpptest.runner import expect, test
from xmpptest.waiting import eventually
from xmpptest.wire import Problem

KEEPER = (Path(__file__).parent / "keeper.py").read_text(encoding="utf-8")
AUTH = """
[admin]
  socket = "$$HERE/admin.sock"
[auth]
  sasl_mechanisms = ["scram_sha256", "plain"]
[auth.external]
  program = "$$HERE/keeper"
  instances = 2
"""


@test("a program says who may log in; it makes accounts, changes passwords and removes accounts")
def program_is_asked(binary):
    with server_with(binary, AUTH, files=[("keeper", KEEPER)]) as server:
        expect_same(offered(server), ["PLAIN"])
        log_in(server, "alice", "with:colons:")
        expect_same(refusal(server, "alice", "with"), "not-authorized")
        expect_same(refusal(server, "nobody", "with:colons:"), "not-authorized")
        with client_of(server) as stranger:
            stranger.secure()
            stranger.register("carol", "first")
        log_in(server, "carol", "first")
        with client_of(server) as carol:
            carol.log_in("carol", "first", mechanism="PLAIN")
            carol.register("carol", "second")
            expect_same(refusal(server, "carol", "first"), "not-authorized")
            log_in(server, "carol", "second")
            carol.ask("set", "<query xmlns='jabber:iq:register'><remove/></query>")
        expect_same(refusal(server, "carol", "second"), "not-authorized")
        pool = told(binary, server, "pool", "list")[0]
        expect_same((pool["pool"], pool["connected"], pool["failed"]), ("external.localhost", "2 of 2", 0))
        expect_same(told(binary, server, "pool", "test")[0]["reachable"], True)


@test("while the program is down a client may come again, and it is let in once the program is back")
def program_dies(binary):
    with server_with(binary, AUTH, files=[("keeper", KEEPER)]) as server:
        log_in(server, "alice", "with:colons:")
        expect_same(refusal(server, "alice", "end"), "temporary-auth-failure")
        expect(server.logged("pool_worker_down"), "nobody was told")

        def is_let_in():
            try:
                log_in(server, "alice", "with:colons:")
            except Problem:
                return False
            return True
        expect(eventually(is_let_in), "she is not let in again")
