# SPDX-License-Identifier: Apache-2.0
# What clients see when the database has no room for more, and when the pool is busy to the last place.
import secrets
import time
from contextlib import ExitStack

from faults import ANSWERED_IN, expect, person, reads, refusal_of, stores, until_it_works
from xmpptest.server import Server, running
from xmpptest.wire import Problem

PEOPLE = 12
ASKS = "<query xmlns='jabber:iq:private'><notes xmlns='test:notes'/></query>"
WAIT = ("internal-server-error", "resource-constraint")


def full_disk(binary, template, service):
    """A full disk: what needs room is refused with an error that says wait, all else works, and later all does."""
    with running(Server(binary, template)) as server, person(server) as eve:
        stores(eve, "before")
        service.fill_disk()
        try:
            expect(refusal_of(stores, eve, secrets.token_hex(20_000)) in WAIT, "a full disk took what has no room")
            expect("before" in str(reads(eve).show()), "what was acknowledged is not there")
            eve.ask("get", "<ping xmlns='urn:xmpp:ping'/>", server.host)
        finally:
            service.make_room()
        until_it_works(stores, eve, "after" + secrets.token_hex(20_000))
        expect("after" in str(reads(eve).show()), "what was stored after the fault is not there")


def exhausted_pool(binary, template, service):
    """A pool with no place left: everybody is answered in time, with an error that says wait."""
    with running(Server(binary, template)) as server, ExitStack() as crowd:
        people = [crowd.enter_context(person(server)) for _ in range(PEOPLE)]
        stores(people[0], "before")
        with service.table_held("private_storage"):
            began = time.monotonic()
            for each in people:
                each.send(f"<iq type='get' id='held'>{ASKS}</iq>")
            errors = [error_of(each, "held") for each in people]
            took = time.monotonic() - began
            expect(took < ANSWERED_IN, f"the last answer took {took:.1f} s")
            expect(all(condition in WAIT and kind == "wait" for condition, kind in errors),
                   f"not everybody was told to wait: {errors}")
            people[0].ask("get", "<ping xmlns='urn:xmpp:ping'/>", server.host)
        until_it_works(stores, people[0], "after")
        expect("after" in str(reads(people[0]).show()), "what was stored after the fault is not there")


def error_of(client, iq_id):
    """Condition and type of the answer's error."""
    while True:
        event = client.next(f"the answer to {iq_id}")
        if event.kind != "stanza":
            raise Problem(f"heard {event.show()}")
        if event.element.local == "iq" and event.element.attributes.get("id") == iq_id:
            error = event.element.child("error")
            return (error.children[0].local, error.attributes.get("type")) if error else (None, None)
