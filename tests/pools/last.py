# SPDX-License-Identifier: Apache-2.0
# Many who leave at once, and the database that keeps when they were last here (XEP-0012): few statements, nobody waits,
# and nothing is lost while the database is away.
import json
import os
import re
import subprocess
import time
from contextlib import contextmanager

from faults import BACK_IN, expect, person
from xmpptest.client import Refused
from xmpptest.server import Server, running
from xmpptest.waiting import SLOWNESS, Waiting, eventually

CONFIG = """
[general]
  hosts = ["localhost"]
  default_server_domain = "localhost"
  loglevel = "notice"
  registration_timeout = "infinity"
[[listen.c2s]]
  port = 0
  ip_address = "127.0.0.1"
  backlog = 4096
[auth]
  password.hash = ["sha"]
  password.scram_iterations = 4096
[auth.internal]
[limits]
  connections_per_address = "infinity"
  unauthenticated_per_address = "infinity"
  connection_rate = "infinity"
[internal_databases.embedded]
  directory = "$data"
[modules.mod_register]
[modules.mod_ping]
[modules.mod_roster]
[modules.mod_presence]
[modules.mod_last]
"""
CROWD = 2000
STATEMENTS = CROWD / 500 + 10
QUICK = 0.05 * SLOWNESS  # what a bystander waits for the server, but for one answer in a hundred
SOON = 2.0 * SLOWNESS
LAST = "<query xmlns='jabber:iq:last'/>"


def meerkat(server, *words):
    done = subprocess.run([server.binary, *words, "--config", server.directory / "meerkat.toml", "--json"],
                          capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def bench(server, mode, *words):
    host, port = server.address
    return subprocess.Popen([server.binary, "bench", mode, "--server", f"{host}:{port}", "--users", str(CROWD), *words],
                            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def sessions(server):
    return sum(row["sessions"] for row in meerkat(server, "session", "count"))


@contextmanager
def crowd(server):
    """So many with a session, who are cut off when this ends, all at once."""
    expect(bench(server, "register").wait(120 * SLOWNESS) == 0, "the accounts are not made")
    before = sessions(server)
    process = bench(server, "idle", "--seconds", "600")
    try:
        expect(eventually(lambda: sessions(server) >= before + CROWD, 120 * SLOWNESS, 0.2), "not all log in")
        time.sleep(1.0)  # the last of them send their presence
        yield
    finally:
        process.kill()
        process.wait()


def stored(service):
    return int(service.psql("SELECT count(*) FROM last").strip())


def befriend(one, other):
    for client in (one, other):
        client.ask("get", "<query xmlns='jabber:iq:roster'/>")
    for who, whom in ((one, other), (other, one)):
        to = whom.jid.partition("/")[0]
        who.send(f"<presence type='subscribed' to='{to}'/>")
        who.send(f"<presence type='subscribe' to='{to}'/>")
    for client in (one, other):
        client.ask("get", "<ping xmlns='urn:xmpp:ping'/>")


def outage(binary, template, service):
    """2 000 are cut off while the database is away: nobody waits, and each time is there when it is back."""
    with running(Server(binary, template)) as server, person(server) as eve, person(server) as mallory:
        service.psql("DELETE FROM last")  # what other tests have left
        befriend(eve, mallory)
        friend = mallory.jid.partition("/")[0]
        mallory.send("<presence/>")
        with crowd(server):
            service.stop()
            mallory.send("<presence type='unavailable'><status>gone fishing</status></presence>")
            mallory.ask("get", "<ping xmlns='urn:xmpp:ping'/>")
            mallory.send("</stream:stream>")
        times, until = [], time.monotonic() + 3.0
        waiting = Waiting(server.process.pid, os.getpid())
        while time.monotonic() < until or sessions(server) > 1:
            for payload, to in (("<ping xmlns='urn:xmpp:ping'/>", server.host), (LAST, None), (LAST, friend)):
                began, waited = time.monotonic(), waiting.each()
                answer = eve.ask("get", payload, to)
                times.append(time.monotonic() - began - waiting.since(waited))
            expect(time.monotonic() < until + 60 * SLOWNESS, "sessions that were cut off do not end")
        expect("gone fishing" in str(answer.show()), f"who left is not seen while the database is away: {answer.show()}")
        times.sort()
        expect(times[len(times) * 99 // 100] < QUICK, f"a bystander waits {times[len(times) * 99 // 100]:.3f} s")
        expect(times[-1] < SOON, f"a bystander waits {times[-1]:.3f} s once")
        service.start()
        expect(eventually(lambda: stored(service) == CROWD + 1, BACK_IN, 0.1),
               f"of {CROWD + 1} times {stored(service)} are there")
        expect("gone fishing" in service.psql("SELECT state FROM last WHERE state <> ''"), "the last words are lost")
        expect(not server.logged("last_activity_lost") and not server.logged("rows_lost"), "some were lost")


def thrift(binary, template, service):
    """2 000 are cut off at once: the database gets a few statements, and a stop of the server leaves nothing unwritten."""
    service.psql("DELETE FROM last")
    service.psql("ALTER SYSTEM SET log_statement = 'all'")
    service.psql("SELECT pg_reload_conf()")
    try:
        with running(Server(binary, template)) as server:
            with crowd(server):
                begin = service.log.stat().st_size
            expect(eventually(lambda: sessions(server) == 0, 60 * SLOWNESS, 0.1), "those who were cut off stay")
            # Not asked in between: that would be statements, too.
            time.sleep(1.0 * SLOWNESS)
            with service.log.open(encoding="utf-8", errors="replace") as log:
                log.seek(begin)
                statements = re.findall(r"LOG:  (?:statement|execute [^:]*): (.*)", log.read())
            expect(stored(service) == CROWD, f"of {CROWD} times {stored(service)} are there")
            expect(0 < len(statements) <= STATEMENTS, f"{len(statements)} statements: {sorted(set(statements))[:5]}")
    finally:
        service.psql("ALTER SYSTEM SET log_statement = 'none'")
        service.psql("SELECT pg_reload_conf()")


def stop(binary, template, service):
    """Who is online when the server stops was last here then."""
    service.psql("DELETE FROM last")
    with running(Server(binary, template)) as server, person(server) as eve:
        eve.send("<presence/>")
        eve.ask("get", "<ping xmlns='urn:xmpp:ping'/>")
        expect(server.stop() is None, "it does not stop well")
    expect(stored(service) == 1, "the last one is not written down")


def crash(binary, template, service):
    """Who is online when the server is killed is found by the next start, and was last here when the server still lived."""
    service.psql("DELETE FROM last")
    server = Server(binary, template)
    with running(server):
        with person(server) as eve:
            eve.send("<presence/>")
            eve.ask("get", "<ping xmlns='urn:xmpp:ping'/>")
            time.sleep(2.0 * SLOWNESS)  # the mark, and the first sign of life
            server.kill()
        killed = time.time()
        server.start()
        expect(eventually(lambda: stored(service) == 1, BACK_IN, 0.1), "nobody is found")
        seconds = int(service.psql("SELECT seconds FROM last").strip())
        expect(killed - 40 * SLOWNESS <= seconds <= killed + 1, f"a wrong time: {seconds - killed:.0f} s")
        try:
            with person(server) as other:
                other.ask("get", LAST, eve.account[0].lower() + "@localhost")
            raise AssertionError("a stranger is told")
        except Refused as refused:
            expect(refused.condition == "forbidden", refused.condition)


def try_all(binary, template, service):
    """Names and problems, nothing where all went well."""
    for check in (outage, thrift, stop, crash):
        problem = None
        try:
            check(binary, template, service)
        except Exception as failure:
            problem = f"{type(failure).__name__}: {failure}"
        yield check.__doc__, problem
