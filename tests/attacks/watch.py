# SPDX-License-Identifier: Apache-2.0
# Those who must not notice: while an attack goes on, one client pings and two others talk, in a process of their own.
# What the machine itself stalls is measured at the same time by an echo beside them, and is not held against the server.
import json
import os
import select
import socket
import time

from xmpptest.client import Client
from xmpptest.wire import Problem

PACE = 0.01


def _echo(end):
    while True:
        data = end.recv(1)
        if not data:
            os._exit(0)
        end.send(data)


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
        if self.worst > self._limit + 2 * self.stall:
            return (f"a bystander waited {self.worst * 1000:.0f} ms for an answer, more than {self._limit * 1000:.0f} "
                    f"(the machine itself stalled {self.stall * 1000:.0f} ms)")
        return None


def _watch(server, report, stop, tls):
    told = {"worst": 0.0, "stall": 0.0, "rounds": 0, "problem": None}
    try:
        near, far = socket.socketpair()
        if os.fork() == 0:
            near.close()
            stop.close()
            os.close(report)
            _echo(far)
        far.close()
        clients = [_log_in(server, wish, tls) for wish in ("pinger", "talker", "listener")]
        os.write(report, b"\n")
        _talk(*clients, near, stop, told)
    except Exception as problem:  # whatever it is, it is told, and the process ends here
        told["problem"] = f"{type(problem).__name__}: {problem}"
    os.write(report, json.dumps(told).encode())
    os._exit(0)


def _log_in(server, wish, tls):
    client = Client(server.address, name=wish)
    client.secure() if tls else client.open_stream()
    account = f"{wish}.of.{os.getpid()}", "secret"  # other watches may have come before
    client.register(*account)
    client.log_in(*account, resource="w")
    client.send("<presence/>")
    client.hear("stanza", "presence")
    return client


def _next_stanza(client):
    return client.hear("stanza", "iq", "message", what=f"an answer for the bystander {client.name}")


def _talk(pinger, talker, listener, echo, stop, told):
    while not select.select([stop], [], [], PACE)[0]:
        number = told["rounds"]
        began = time.monotonic()
        echo.send(b"x")
        echo.recv(1)
        echoed = time.monotonic()
        pinger.send(f"<iq type='get' id='p{number}' to='localhost'><ping xmlns='urn:xmpp:ping'/></iq>")
        _must_be(_next_stanza(pinger), f"p{number}")
        answered = time.monotonic()
        talker.send(f"<message type='chat' id='m{number}' to='{listener.jid}'><body>{number}</body></message>")
        _must_be(_next_stanza(listener), f"m{number}")  # in order and once: the next one is the next number
        heard = time.monotonic()
        told["stall"] = max(told["stall"], echoed - began)
        told["worst"] = max(told["worst"], answered - echoed, heard - answered)
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
