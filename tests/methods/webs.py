# SPDX-License-Identifier: Apache-2.0
# auth.http: accounts that a web service knows; mod_event_pusher: a web service that is told of messages.
import contextlib
import json
import time
from urllib.parse import parse_qs

from kit import client_of, expect_same, log_in, refusal, server_with
from services.kinds import make_service
from xmpptest.client import Refused
from xmpptest.runner import expect, test
from xmpptest.waiting import eventually

CONFIGURATION = """
[auth]
  sasl_mechanisms = ["scram_sha256", "plain"]
  password.format = "{format}"
  password.scram_iterations = {iterations}
[auth.http]
  basic_auth = "meerkat:secret"
[outgoing_pools.http.auth]
  workers = 2
  [outgoing_pools.http.auth.connection]
    host = "http://127.0.0.1:{port}"
    path_prefix = "/auth/"
[outgoing_pools.http.http_pool]
  workers = 2
  [outgoing_pools.http.http_pool.connection]
    host = "http://127.0.0.1:{port}"
[[modules.mod_event_pusher.http.handlers]]
  path = "/told"
"""
KNOWN = {"/auth/user_exists": {"body": "true"}, "/auth/check_password": {"body": "true"}, "/told": {"status": 204}}


@contextlib.contextmanager
def world(binary, format="plain", iterations=4096):
    with make_service("web") as web:
        web.answers(json.dumps(KNOWN))
        with server_with(binary, CONFIGURATION.format(format=format, port=web.port, iterations=iterations)) as server:
            yield web, server


def told(web, path):
    return [one for one in json.loads(web.requests()) if one["path"].startswith(path)]


@test("a web service says whose password is right, and nobody is told to be wrong while it is away")
def web_checks_passwords(binary):
    with world(binary) as (web, server):
        log_in(server, "alice", "open sesame")
        expect_same(told(web, "/auth/check_password")[0]["path"],
                    "/auth/check_password?user=alice&server=localhost&pass=open%20sesame")
        web.answers(json.dumps(KNOWN | {"/auth/check_password": {"body": "false"}}))
        expect_same(refusal(server, "alice", "open sesame"), "not-authorized")
        web.answers(json.dumps(KNOWN | {"/auth/check_password": {"status": 500}}))
        expect_same(refusal(server, "alice", "open sesame"), "temporary-auth-failure")
        web.answers(json.dumps(KNOWN))
        web.kill()
        expect_same(refusal(server, "alice", "open sesame"), "temporary-auth-failure")
        web.start()
        expect(eventually(lambda: logs_in(server)), "nobody is let in after the service has come back")


def logs_in(server):
    try:
        log_in(server, "alice", "open sesame")
    except Refused:  # the pool has not connected yet
        return False
    return True


@test("keys are made of what a web service keeps, and it is given keys")
def web_keeps_keys(binary):
    with world(binary, format="scram") as (web, server):
        web.answers(json.dumps(KNOWN | {"/auth/get_password": {"body": "open sesame"}}))
        log_in(server, "alice", "open sesame", "SCRAM-SHA-256")
        log_in(server, "alice", "open sesame")
        expect_same(refusal(server, "alice", "something else", "SCRAM-SHA-256"), "not-authorized")
        web.answers(json.dumps({"/auth/user_exists": {"body": "false"}, "/auth/register": {"status": 201}}))
        with client_of(server) as stranger:
            stranger.secure()
            stranger.register("bob", "first")
        body = told(web, "/auth/register")[0]["body"]
        expect(body.startswith("user=bob&server=localhost&pass=%3D%3DMULTI_SCRAM%3D%3D"), body)
        expect("first" not in web.requests(), "the password went to the service")


@test("a name that a web service does not know is refused as late as a wrong password")
def web_time_tells_nothing(binary):
    nobody = {"/auth/user_exists": {"body": "false"}, "/auth/check_password": {"body": "false"}}
    with world(binary, format="scram", iterations=200_000) as (web, server):
        web.answers(json.dumps(nobody | {"/auth/register": {"status": 201}}))
        with client_of(server) as stranger:
            stranger.secure()
            stranger.register("bob", "first")
        keys = parse_qs(told(web, "/auth/register")[0]["body"])["pass"][0]
        least = {"wrong": 60.0, "unknown": 60.0}
        for number in range(3):
            for kind, answers in (("wrong", {"/auth/user_exists": {"body": "true"}, "/auth/get_password": {"body": keys}}),
                                  ("unknown", nobody)):
                web.answers(json.dumps(answers))
                began = time.monotonic()
                expect_same(refusal(server, f"{kind}{number}", "something else"), "not-authorized")
                least[kind] = min(least[kind], time.monotonic() - began)
        expect(least["unknown"] > 0.6 * least["wrong"], f"refused after {least}")


@test("a web service is told of chat messages, and users do not wait for it")
def web_is_told(binary):
    with world(binary) as (web, server), client_of(server) as alice:
        web.answers(json.dumps(KNOWN | {"/told": {"status": 204, "delay": 1000}}))
        alice.log_in("alice", "open sesame", mechanism="PLAIN")
        for number in range(3):
            alice.send(f"<message to='bob@localhost' type='chat'><body>number {number}</body></message>")
        alice.ask("get", "<ping xmlns='urn:xmpp:ping'/>", to="localhost")
        expect(eventually(lambda: len(told(web, "/told")) == 3), "the service was not told three times")
        expect("author=alice&server=localhost&receiver=bob&message=number%201" in
               [one["body"] for one in told(web, "/told")], web.requests())
