# SPDX-License-Identifier: Apache-2.0
# auth.dummy, and several methods in one [auth].
import time

from kit import client_of, expect_same, log_in, offered, refusal, server_with
from programs import KEEPER
from tokens import SECRET, token
from xmpptest.client import Refused
from xmpptest.runner import expect, test

DUMMY = """
[auth]
  sasl_mechanisms = ["scram_sha256", "plain"]
[auth.dummy]
  base_time = 100
  variance = 1
"""


def refuses_to_make(server, name):
    """Registers the account; the condition when that is refused."""
    with client_of(server) as stranger:
        stranger.secure()
        try:
            stranger.register(name, "kept inside")
        except Refused as refused:
            return refused.condition
    return None


@test("auth.dummy lets everybody in after a while, and says so when the server starts")
def everybody(binary):
    with server_with(binary, DUMMY) as server:
        expect_same(len(server.logged("everybody_may_log_in")), 1)
        expect_same(offered(server), ["PLAIN"])
        began = time.monotonic()
        log_in(server, "whoever", "whatever")
        expect(time.monotonic() - began >= 0.1, "that was too fast")
        expect(refuses_to_make(server, "whoever"), "an account was made where there are none")


@test("several methods are asked in their order: the first that knows the password lets its owner in")
def in_their_order(binary):
    auth = """
[auth]
  methods = ["internal", "external"]
  sasl_mechanisms = ["scram_sha256", "plain"]
  password.scram_iterations = 4096
[auth.internal]
[auth.external]
  program = "$$HERE/keeper"
"""
    with server_with(binary, auth, files=[("keeper", KEEPER)]) as server:
        expect_same(offered(server), ["SCRAM-SHA-256", "PLAIN"])
        expect_same(refuses_to_make(server, "dora"), None)
        expect_same(refuses_to_make(server, "alice"), "conflict")
        log_in(server, "dora", "kept inside", "SCRAM-SHA-256")
        log_in(server, "dora", "kept inside")
        log_in(server, "alice", "with:colons:")
        expect_same(refusal(server, "alice", "kept inside"), "not-authorized")
        expect_same(refusal(server, "alice", "with:colons:", "SCRAM-SHA-256"), "not-authorized")


@test("SCRAM is offered only where all users could log in by it, unless the operator lists the mechanisms")
def scram_for_all(binary):
    auth = """
[auth]
  methods = ["internal", "external"]
  password.scram_iterations = 4096
[auth.internal]
[auth.external]
  program = "$$HERE/keeper"
"""
    encrypted = "  tls.mode = \"starttls\"\n"
    with server_with(binary, auth, encrypted, files=[("keeper", KEEPER)]) as server:
        expect_same(offered(server), ["PLAIN"])
        log_in(server, "alice", "with:colons:")
    only_internal = encrypted + "  allowed_auth_methods = [\"internal\"]\n"
    with server_with(binary, auth, only_internal, files=[("keeper", KEEPER)]) as server:
        expect("SCRAM-SHA-256" in offered(server), "where all have keys SCRAM is offered")


@test("while one of several methods is down, whoever another one lets in comes in, and all others may come again")
def one_is_away(binary):
    auth = """
[auth]
  methods = ["internal", "external"]
  sasl_mechanisms = ["plain"]
  password.scram_iterations = 4096
[auth.internal]
[auth.external]
  program = "$$HERE/keeper"
"""
    with server_with(binary, auth, files=[("keeper", KEEPER)]) as server:
        expect_same(refuses_to_make(server, "dora"), None)
        (server.directory.parent / "keeper").write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
        expect_same(refusal(server, "dora", "end"), "temporary-auth-failure")  # that ends the program
        log_in(server, "dora", "kept inside")
        expect_same(refusal(server, "dora", "wrong"), "temporary-auth-failure")


@test("a listener may be limited to one of several methods, and a domain may have methods of its own")
def here_and_there(binary):
    auth = """
[auth]
  methods = ["external", "jwt"]
  sasl_mechanisms = ["plain"]
[auth.external]
  program = "$$HERE/keeper"
[auth.jwt]
  secret.value = "{secret}"
  algorithm = "HS256"
  username_key = "user"
""".format(secret=SECRET)
    with server_with(binary, auth, "  allowed_auth_methods = [\"jwt\"]\n", files=[("keeper", KEEPER)]) as server:
        log_in(server, "alice", token(user="alice"))
        expect_same(refusal(server, "alice", "with:colons:"), "not-authorized")
    own = auth + """
[[host_config]]
  host = "localhost"
  [host_config.auth]
    sasl_mechanisms = ["plain"]
  [host_config.auth.external]
    program = "$$HERE/keeper"
"""
    with server_with(binary, own, files=[("keeper", KEEPER)]) as server:
        log_in(server, "alice", "with:colons:")
        expect_same(refusal(server, "alice", token(user="alice")), "not-authorized")
