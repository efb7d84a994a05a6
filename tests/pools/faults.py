# SPDX-License-Identifier: Apache-2.0
# What a client and an operator see when the database behind accounts and modules is killed, silent, restarted, absent.
import time
from contextlib import contextmanager

from xmpptest.client import Client, Refused
from xmpptest.server import Server, running
from xmpptest.waiting import SLOWNESS
from xmpptest.wire import Problem

ANSWERED_IN = 6.0 * SLOWNESS  # call_timeout and a little
BACK_IN = 20.0 * SLOWNESS
PRIVATE = "<query xmlns='jabber:iq:private'><notes xmlns='test:notes'>{}</notes></query>"


def stores(client, text):
    client.ask("set", PRIVATE.format(text))


def reads(client):
    return client.ask("get", "<query xmlns='jabber:iq:private'><notes xmlns='test:notes'/></query>")


def expect(yes, what):
    if not yes:
        raise Problem(what)


def refusal_of(action, *arguments):
    """The condition of the error, which must come in time."""
    began = time.monotonic()
    try:
        action(*arguments)
    except Refused as refused:
        expect(time.monotonic() - began < ANSWERED_IN, f"the refusal took {time.monotonic() - began:.1f} s")
        return refused.condition
    return None


def until_it_works(action, *arguments):
    deadline = time.monotonic() + BACK_IN
    while True:
        try:
            return action(*arguments)
        except Refused:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


@contextmanager
def person(server):
    client = Client(server.address)
    try:
        account = server.new_account("eve")
        client.open_stream()
        client.register(*account)
        client.log_in(*account)
        client.account = account
        yield client
    finally:
        client.reset()


def killed_and_back(server, service):
    """A database that is killed: errors in time, one line in the log for each worker and change, and all is well after."""
    with person(server) as eve:
        stores(eve, "before")
        service.kill()
        try:
            expect(refusal_of(stores, eve, "meanwhile") in ("internal-server-error", "resource-constraint"),
                   "a store without its database did not refuse")
            expect(refusal_of(reads, eve) is not None, "a read without its database did not refuse")
            eve.ask("get", "<ping xmlns='urn:xmpp:ping'/>", server.host)  # others are served
        finally:
            service.start()
        until_it_works(stores, eve, "after")
        expect("after" in str(reads(eve).show()), "what was stored after the fault is not there")
    down = server.logged("pool_worker_down")
    expect(1 <= len(down) <= 4 * 2, f"{len(down)} lines about workers that are down")
    expect(all("error=" in line and "next_try_in_ms=" in line for line in down), f"a line without cause: {down[0]}")
    deadline = time.monotonic() + BACK_IN
    while len(server.logged("pool_worker_up")) < len(down) and time.monotonic() < deadline:
        time.sleep(0.05)
    expect(len(server.logged("pool_worker_up")) >= len(down), "not every worker said that it is back")


def silent(server, service):
    """A database that says nothing: the client gets an error in time, not a hang; later the same connection works."""
    with person(server) as eve:
        stores(eve, "before")
        service.pause()
        try:
            expect(refusal_of(stores, eve, "meanwhile") in ("internal-server-error", "resource-constraint",
                                                             "remote-server-timeout"), "it did not refuse")
        finally:
            service.go_on()
        until_it_works(stores, eve, "after")


def restarted(server, service):
    """A restart of the database between two requests is not seen by those who only read."""
    with person(server) as eve:
        stores(eve, "kept")
        service.stop()
        service.start()
        until_it_works(reads, eve)
        account = eve.account
    client = Client(server.address)
    client.open_stream()
    until_it_works(lambda: client.log_in(*account))
    client.reset()


def absent_at_start(binary, template, service):
    """The server starts without its database, says so, refuses logins, and lets people in when it is there."""
    service.stop()
    server = Server(binary, template)
    try:
        with running(server):
            client = Client(server.address)
            client.open_stream()
            account = server.new_account("early")
            try:
                client.register(*account)
                raise Problem("somebody registered without a database")
            except Refused:
                pass
            client.reset()
            service.start()
            client = Client(server.address)
            client.open_stream()
            until_it_works(client.register, *account)
            client.log_in(*account)
            client.reset()
            expect(server.logged("pool_start_failed"), "no line about the absent database")
    finally:
        if service.process is None:
            service.start()


def try_all(binary, template, service):
    """Names and problems, nothing where all went well."""
    for check in (killed_and_back, silent, restarted):
        problem = None
        try:
            with running(Server(binary, template)) as server:
                check(server, service)
        except Exception as failure:
            problem = f"{type(failure).__name__}: {failure}"
        yield check.__doc__, problem
    problem = None
    try:
        absent_at_start(binary, template, service)
    except Exception as failure:
        problem = f"{type(failure).__name__}: {failure}"
    yield absent_at_start.__doc__, problem
