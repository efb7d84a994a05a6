# SPDX-License-Identifier: Apache-2.0
# The time and the bytes until the login, and the memory of the server.
import socket
import time

from kit import HEADER, NO_PACE, counts_bytes, raw, server, user
from xmpptest.runner import expect, test
from xmpptest.waiting import eventually

OPEN = HEADER.format(host="localhost").encode()
MB = 1 << 20


@test("a stranger may send so many bytes, and spaces are bytes")
def bytes_until_login(binary):
    with server(binary, NO_PACE + "; login_bytes = 8192") as running:
        heard = raw(running.address, OPEN + b" " * 9000)
        expect(b"<policy-violation" in heard and b"too many bytes before login" in heard, heard)


@test("all steps until the login together have their time, however busy the stranger is")
def time_until_login(binary):
    with server(binary, NO_PACE + "; login_time = 2", "state_timeout = 60000") as running:
        started, said = time.monotonic(), 0
        with socket.create_connection(running.address, timeout=10) as one:
            one.sendall(OPEN)
            heard = b""
            while b"<connection-timeout" not in heard and time.monotonic() < started + 8:
                one.settimeout(0.3)
                try:
                    heard += one.recv(65536)
                except TimeoutError:
                    if said < 8:
                        one.sendall(b"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='X'/>")
                        said += 1
        expect(b"<connection-timeout" in heard, heard)
        expect(1.5 < time.monotonic() - started < 5, f"after {time.monotonic() - started:.1f} s")


class SlowReader:
    """Somebody who writes to himself without end and never reads."""

    def __init__(self, running, name):
        self.client = user(running, name)
        self.socket = self.client._socket
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self.socket.setblocking(False)
        self.message = f"<message to='{self.client.jid}'><body>{'x' * 100000}</body></message>".encode()
        self.rest = b""

    def writes(self):
        """False when the connection has ended."""
        try:
            while True:
                self.rest = self.rest or self.message
                self.rest = self.rest[self.socket.send(self.rest):]
        except BlockingIOError:
            return True
        except OSError:
            return False


@test("short of memory, newcomers are turned away and slow readers go, and then everybody may come again")
def memory_ceiling(binary):
    counts_bytes(binary)
    with server(binary, NO_PACE) as running:
        user(running, "alice").drop()
        base = running.memory()
    with server(binary, NO_PACE + f"; memory = {base + 50 * MB}") as running:
        probe = user(running, "probe")
        readers = [SlowReader(running, f"slow{number}") for number in range(24)]
        writing, highest, until = list(readers), 0, time.monotonic() + 20
        refused = False
        while writing and time.monotonic() < until and "slow_readers_cut_off" not in running.log.read_text():
            writing = [reader for reader in writing if reader.writes()]
            highest = max(highest, running.memory())
            if not refused and "memory_tight" in running.log.read_text():
                refused = b"<resource-constraint" in raw(running.address, OPEN)
            time.sleep(0.02)
        log = running.log.read_text()
        print(f"limits: memory: {base / MB:.0f} MB at rest, limit {base / MB + 50:.0f} MB, highest {highest / MB:.0f} MB",
              flush=True)
        expect("memory_tight" in log or "memory_full" in log, "memory was never short")
        probe.ask("get", "<ping xmlns='urn:xmpp:ping'/>", "localhost")
        for reader in readers:
            reader.client.reset()
        expect(eventually(lambda: running.logged("memory_well"), within=15), "memory stays short")
        user(running, "bob").drop()
        probe.drop()
