# SPDX-License-Identifier: Apache-2.0
# One connection: bytes out, events in, TLS when asked for, and a transcript of it all. Every wait has a deadline.
import os
import socket
import ssl
import time

from .xml_tree import Event, StreamParser

DEADLINE = float(os.environ.get("MEERKAT_TEST_DEADLINE", "10"))


class Problem(Exception):
    """The other side did not do what it should have."""


class Wire:
    def __init__(self, address, name="client", transcript=None):
        self.name, self.transcript = name, transcript if transcript is not None else []
        self._socket = socket.create_connection(address, timeout=DEADLINE)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._parser, self._ended = StreamParser(), False

    def note(self, direction, what):
        self.transcript.append(f"{self.name} {direction} {what}")

    def send(self, data):
        data = data.encode() if isinstance(data, str) else data
        self.note("→", data[:2000].decode("utf-8", "backslashreplace"))
        try:
            self._socket.sendall(data)
        except OSError as problem:
            self.note("→", f"(cannot send: {problem})")

    def send_bytes_one_by_one(self, data):
        data = data.encode() if isinstance(data, str) else data
        self.note("→", "(byte by byte) " + data.decode("utf-8", "backslashreplace"))
        for index in range(len(data)):
            self._socket.sendall(data[index:index + 1])

    def handshake(self):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        try:
            self._socket = context.wrap_socket(self._socket, server_hostname="localhost")
        except OSError as problem:
            raise Problem(f"the TLS handshake failed: {problem}") from problem
        self.note("↔", f"({self._socket.version()})")
        self._parser = StreamParser()

    def tries_handshake(self):
        """Whether the other side speaks TLS now; false when it breaks off."""
        try:
            self.handshake()
            return True
        except Problem as problem:
            if isinstance(problem.__cause__, TimeoutError):
                raise
            self.note("↔", str(problem))
            return False

    @property
    def encrypted(self):
        return isinstance(self._socket, ssl.SSLSocket)

    def next(self, what="something"):
        """The next event, of whatever kind; after the end there is only eof."""
        until = time.monotonic() + DEADLINE
        while not self._parser.events:
            if self._ended:
                return Event("eof")
            self._socket.settimeout(max(0.001, until - time.monotonic()))
            try:
                data = self._socket.recv(65536)
            except TimeoutError:
                raise Problem(f"{self.name} waited {DEADLINE:g} s for {what}") from None
            except (ConnectionError, ssl.SSLError) as problem:
                self.note("←", f"({problem})")
                data = b""
            if data:
                self._parser.feed(data)
            else:
                self._ended = True
                self.note("←", "(connection closed)")
        event = self._parser.events.pop(0)
        self.note("←", event.show())
        return event

    def put_back(self, events):
        self._parser.events[:0] = events

    def drop(self):
        self.note("↔", "(drops the connection)")
        self._socket.close()
        self._ended = True
