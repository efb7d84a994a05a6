# SPDX-License-Identifier: Apache-2.0
# Those who must not notice: while an attack goes on, one client pings and two others talk, in a process of their own.
# What the machine does to everybody is not held against the server: the time that its threads, and the bystanders, were
# ready to run and had to wait for a processor, as the kernel counts it.
import json
import os
import select
import socket
import time

from xmpptest.client import Client
from xmpptest.waiting import Waiting
from xmpptest.wire import Problem

PACE = 0.01
# Each comes from an address of its own, which none of the attackers has.
HOMES = {"pinger": "127.0.1.1", "talker": "127.0.1.2", "listener": "127.0.1.3"}


class Watch:
    """Begins at once; `end()` returns nothing, or what they noticed."""

    def __init__(self, server, limit, tls=False):
        self._limit = limit
        self._report, writing = os.pipe()
        self._stop, stopping = socket.socketpair()
        self._pid = os.fork()
        if self._pid == 0:
            os.close(self._report)
            self._stop.close()
            _watch(server, writing, stopping, tls)
        os.close(writing)
        stopping.close()
        self._wait_for(b"\n", "they never got in")  # they are in and talking

    def _wait_for(self, what, otherwise):
        data, until = b"", time.monotonic() + 30
        while what not in data:
            ready = select.select([self._report], [], [], max(0, until - time.monotonic()))[0]
            more = os.read(self._report, 4096) if ready else b""
            if not more:
                raise Problem(f"the bystanders: {otherwise}")
            data += more
        return data

    def end(self):
        if self._pid is None:
            return None
        self._stop.close()
        try:
            told = json.loads(self._wait_for(b"}", "they never came back"))
        except Problem as problem:
            return str(problem)
        finally:
            os.waitpid(self._pid, 0)
            self._pid = None
            os.close(self._report)
        self.worst, self.stall, self.rounds = told["worst"], told["stall"], told["rounds"]
        if told["problem"]:
            return f"the bystanders: {told['problem']}"
        if self.worst > self._limit:
            return (f"a bystander waited {self.worst * 1000:.0f} ms for an answer, more than {self._limit * 1000:.0f} "
                    f"(and up to {self.stall * 1000:.0f} ms for a processor)")
        return None


def _watch(server, report, stop, tls):
    told = {"worst": 0.0, "stall": 0.0, "rounds": 0, "problem": None}
    try:
        clients = [_log_in(server, wish, tls) for wish in ("pinger", "talker", "listener")]
        os.write(report, b"\n")
        _talk(*clients, Waiting(server.process.pid, os.getpid()), stop, told)
    except Exception as problem:  # whatever it is, it is told, and the process ends here
        told["problem"] = f"{type(problem).__name__}: {problem}"
    os.write(report, json.dumps(told).encode())
    os._exit(0)


def _log_in(server, wish, tls):
    client = Client(server.address, name=wish, source=HOMES[wish])
    client.secure() if tls else client.open_stream()
    account = f"{wish}.of.{os.getpid()}", "secret"  # other watches may have come before
    client.register(*account)
    client.log_in(*account, resource="w")
    client.send("<presence/>")
    client.hear("stanza", "presence")
    return client


def _next_stanza(client):
    return client.hear("stanza", "iq", "message", what=f"an answer for the bystander {client.name}")


def _talk(pinger, talker, listener, waiting, stop, told):
    def judge(action, *arguments):
        before, began = waiting.each(), time.monotonic()
        action(*arguments)
        took, stalled = time.monotonic() - began, waiting.since(before)
        told["stall"] = max(told["stall"], stalled)
        told["worst"] = max(told["worst"], took - stalled)

    def ping(name):
        pinger.send(f"<iq type='get' id='{name}' to='localhost'><ping xmlns='urn:xmpp:ping'/></iq>")
        _must_be(_next_stanza(pinger), name)

    def say(name):
        talker.send(f"<message type='chat' id='{name}' to='{listener.jid}'><body>{name}</body></message>")
        _must_be(_next_stanza(listener), name)  # in order and once: the next one is the next number

    while not select.select([stop], [], [], PACE)[0]:
        judge(ping, f"p{told['rounds']}")
        judge(say, f"m{told['rounds']}")
        told["rounds"] += 1
        for client in (pinger, talker, listener):
            client.transcript.clear()
    try:
        told["problem"] = f"heard {listener.next(within=0.1).show()}, which nobody said to it"
    except Problem:
        pass


def _must_be(element, wanted):
    if element.attributes.get("id") != wanted or element.attributes.get("type") == "error":
        raise Problem(f"expected {wanted}, heard {element.show()}")
