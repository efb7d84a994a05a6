# SPDX-License-Identifier: Apache-2.0
# What the attacks share: the house under attack, strangers and members who bring any bytes, and measures of what it
# costs. The client is our own thin wire (tools/xmpptest): what is sent is what is written here, byte by byte.
import contextlib
import os
import socket
import time

from xmpptest.client import HEADER, Client, Refused  # noqa: F401: for the attacks
from xmpptest.runner import Failed, expect
from xmpptest.server import ROOT, Server, is_sanitized
from xmpptest.waiting import eventually
from xmpptest.wire import Problem  # noqa: F401
from xmpptest.xml_tree import NAMESPACES as NS

from watch import Watch

MB = 1024 * 1024
PATIENCE = 20.0


class Attacker(Client):
    """A client that says what it likes."""

    def verdict(self, within=PATIENCE):
        """How the stream ends: the condition of the stream error, or "closed", or "cut off". Skips everything else."""
        until, condition = time.monotonic() + within, None
        while True:
            event = self.next("the end of the stream", within=max(0.01, until - time.monotonic()))
            if event.kind == "broken":
                raise Failed(f"what the server said is not XML: {event.why}")
            if event.kind == "stanza" and event.element.name == f"{{{NS['streams']}}}error":
                condition = event.element.children[0].local
            if event.kind == "close":
                return condition or "closed"
            if event.kind == "eof":
                return condition or "cut off"

    def stanza(self, *locals_, within=PATIENCE):
        """The next stanza of these names."""
        until = time.monotonic() + within
        while True:
            event = self.next(" or ".join(locals_), within=max(0.01, until - time.monotonic()))
            if event.kind == "stanza" and event.element.local in locals_:
                return event.element
            if event.kind in ("eof", "broken", "close") or event.kind == "stanza" and event.element.local == "error":
                raise Failed(f"waited for {locals_}, heard {event.show()}")

    def another_socket(self):
        """The connection itself, below TLS."""
        return socket.socket(fileno=os.dup(self._socket.fileno()))

    def tls_compression(self):
        return self._socket.compression()

    def is_alive(self):
        """Whether the session still answers."""
        self.ask("get", "<ping xmlns='urn:xmpp:ping'/>", self.host)
        return True

    def hears_nothing_but(self, *allowed, within=0.3):
        """What came within this time, and is none of the allowed names."""
        heard, until = [], time.monotonic() + within
        while time.monotonic() < until:
            try:
                event = self.next(within=max(0.01, until - time.monotonic()))
            except Problem:
                break
            if event.kind == "eof":
                break
            if event.kind != "stanza" or event.element.local not in allowed:
                heard.append(event.show())
        return heard


def busy_machine():
    """How many want each processor: by so much longer everything takes, whoever is attacked. At least 1."""
    return max(1.0, os.getloadavg()[0] / os.cpu_count())


class House:
    """A server of its own for one attack, and those who live in it."""

    def __init__(self, binary, hard=False):
        self.binary, self.hard = binary, hard
        self.sanitized = is_sanitized(binary)
        self.slowness = 5 if self.sanitized else 1
        self.optimized = "release" in str(binary)
        self.server, self.watch, self.guests = None, None, []
        self.expected_log = set()  # words of lines at level error or warning that belong to the attack
        self.skipped = None  # why a part could not be tried here

    def open(self, config="open", directory=None, log=None):
        """Starts the server with tests/attacks/configs/CONFIG.toml."""
        self.server = Server(self.binary, ROOT / "tests/attacks/configs" / f"{config}.toml", directory)
        self.server.log = log or self.server.log
        self.server.start()
        return self.server

    def begin_watch(self, tls=False):
        """From now on somebody pings and two talk, until the attack is over."""
        longest = 0.25 * self.slowness if self.optimized or self.sanitized else 0.6  # what they wait for is computed
        self.watch = Watch(self.server, limit=longest, tls=tls)

    def end_watch(self):
        """Before the server itself is to end."""
        problem = self.watch.end()
        expect(not problem, problem)

    def stranger(self, tls=False, opened=False, secured=False, host="localhost", source=None):
        client = Attacker(self.server.tls_address if tls else self.server.address, host=host, source=source)
        self.guests.append(client)
        if tls:
            client.handshake()
        if opened or secured:
            client.open_stream()
        if secured and not tls:
            client.start_tls()
        return client

    def stranger_in_clear(self):
        """Connected where TLS is due, without having begun it."""
        client = Attacker(self.server.tls_address)
        self.guests.append(client)
        return client

    def account(self, wish="member", host="localhost"):
        name, password = self.server.new_account(wish)
        client = self.stranger(opened=True, host=host)
        client.register(name, password)
        client.drop()
        return name, password

    def member(self, account=None, resource=None, tls=False, wish="member", host="localhost", available=True):
        """Somebody with a session; over TLS or not."""
        account = account or self.account(wish, host)
        client = self.stranger(tls=tls, opened=True, host=host)
        client.name = account[0]
        client.authenticate(*account)
        client.open_stream()
        client.bind(resource)
        client.account = account
        client.bare = client.jid.partition("/")[0]
        if available:
            client.send("<presence/>")
            client.stanza("presence")
        return client

    def cpu(self):
        """Seconds of processor time the server has used."""
        return self.server.cpu_seconds()

    def cpu_share(self, seconds):
        """The part of one processor that the server uses for the next seconds."""
        before = self.cpu()
        time.sleep(seconds)
        return (self.cpu() - before) / seconds / self.slowness

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.server.process.pid}/fd"))

    def peak(self):
        with open(f"/proc/{self.server.process.pid}/status", encoding="ascii") as file:
            return next(int(line.split()[1]) * 1024 for line in file if line.startswith("VmHWM"))

    def forget_peak(self):
        with open(f"/proc/{self.server.process.pid}/clear_refs", "w", encoding="ascii") as file:
            file.write("5")

    @contextlib.contextmanager
    def bounded(self, what, memory=16 * MB, seconds=10.0, cpu=None, peak=None):
        """Memory that is kept afterwards, at its peak, time on the clock and on the processor stay below these."""
        kept, busy, began = self.server.memory(), self.cpu(), time.monotonic()
        self.forget_peak()
        yield
        took, used = time.monotonic() - began, self.cpu() - busy
        expect(took < seconds * self.slowness * busy_machine(), f"{what} took {took:.1f} s, more than {seconds} s")
        if cpu is not None:
            expect(used < cpu * self.slowness, f"{what} cost {used:.2f} s of processor time, more than {cpu} s")
        if self.sanitized:  # they keep freed memory on purpose
            return
        if peak is not None:
            expect(self.peak() - kept < peak, f"{what} took {(self.peak() - kept) / MB:.1f} MB at its peak")
        # What is freed when the last connection has ended is no loss.
        eventually(lambda: self.server.memory() - kept <= memory, within=10 * busy_machine(), every=0.05)
        grown = self.server.memory() - kept
        expect(grown < memory, f"{what} left {grown / MB:.1f} MB behind, more than {memory / MB:.1f} MB")

    def log_lines(self):
        return self.server.log_lines()

    def logged(self, what):
        return self.server.logged(what)

    def leave(self):
        for guest in self.guests:
            guest.drop()


def each_is_answered(house, cases, opened=True, logged_in=False):
    """`cases`: name, bytes, and the condition (or a tuple of them) with which a stream must end. One stream each."""
    account = house.account() if logged_in else None
    for name, data, wanted in cases:
        client = house.member(account, resource="r") if logged_in else house.stranger(opened=opened)
        client.send(data)
        heard = client.verdict()
        wanted = (wanted,) if isinstance(wanted, str) else wanted
        expect(heard in wanted, f"{name}: the stream ended with {heard}, not {' or '.join(wanted)}")
        client.drop()
