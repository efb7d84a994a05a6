# SPDX-License-Identifier: Apache-2.0
# auth.ldap: accounts in a directory; mod_vcard: vCards from it.
from kit import client_of, expect_same, log_in, offered, refusal, server_with, told
from services.kinds import make_service
from services.service import NotHere
from xmpptest.client import Refused
from xmpptest.runner import LeftOut, expect, test
from xmpptest.waiting import eventually

CONFIGURATION = """
[admin]
  socket = "$$HERE/admin.sock"
[auth]
  sasl_mechanisms = ["scram_sha256", "plain"]
[auth.ldap]
  base = "dc=example,dc=org"
  filter = "(objectClass=inetOrgPerson)"
[outgoing_pools.ldap.default]
  workers = 2
  connection = {{port = {port}, connect_interval = 100}}
[outgoing_pools.ldap.bind]
  workers = 2
  connection = {{port = {port}, connect_interval = 100}}
[modules.mod_vcard]
  backend = "ldap"
  ldap.base = "ou=people,dc=example,dc=org"
"""


@test("the people of a directory log in with its passwords and have its vCards, and wait while it is away")
def directory_of_people(binary):
    try:
        with make_service("slapd") as slapd, server_with(binary, CONFIGURATION.format(port=slapd.port)) as server:
            expect_same(offered(server), ["PLAIN"])
            log_in(server, "alice", "secret of alice")
            expect_same(refusal(server, "alice", "secret of bob"), "not-authorized")
            expect_same(refusal(server, "*", "secret of alice"), "not-authorized")
            expect_same(refusal(server, "nobody", "secret of alice"), "not-authorized")
            expect_same(sum(row["accounts"] for row in told(binary, server, "account", "count")), 3)
            with client_of(server) as bob:
                bob.log_in("bob", "secret of bob", mechanism="PLAIN")
                cards_of(bob)
            slapd.kill()
            expect_same(refusal(server, "alice", "secret of alice"), "temporary-auth-failure")
            slapd.start()
            expect(eventually(lambda: logs_in(server)), "nobody is let in after the directory has come back")
    except NotHere as reason:
        raise LeftOut(str(reason)) from reason


def cards_of(bob):
    card = bob.ask("get", "<vCard xmlns='vcard-temp'/>", to="alice@localhost")
    expect("<FAMILY>Liddell</FAMILY>" in card.show(), f"her vCard is {card.show()}")
    try:
        bob.ask("set", "<vCard xmlns='vcard-temp'><FN>Bob</FN></vCard>")
        raise AssertionError("the directory was changed")
    except Refused as refused:
        expect_same(refused.condition, "not-allowed")
    found = bob.ask("set", "<query xmlns='jabber:iq:search'><last>lid*</last></query>", to="vjud.localhost")
    expect("alice@localhost" in found.show(), f"found was {found.show()}")


def logs_in(server):
    try:
        log_in(server, "alice", "secret of alice")
    except Refused:  # the pools have not connected yet
        return False
    return True
