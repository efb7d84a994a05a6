# SPDX-License-Identifier: Apache-2.0
# One connection: bytes out, events in, TLS when asked for, and a transcript of it all. Every wait has a deadline.
import hashlib
import hmac
import os
import socket
import ssl
import struct
import tempfile
import time

from .waiting import SLOWNESS
from .xml_tree import Event, StreamParser

DEADLINE = float(os.environ.get("MEERKAT_TEST_DEADLINE", "30")) * SLOWNESS


class Problem(Exception):
    """The other side did not do what it should have."""


def _expand(name, secret, label, context, length):
    """HKDF-Expand-Label (RFC 8446 §7.1), for lengths of one hash at most."""
    label = b"tls13 " + label
    text = struct.pack(">HB", length, len(label)) + label + bytes([len(context)]) + context
    return hmac.new(secret, text + b"\1", name).digest()[:length]


class Wire:
    def __init__(self, address, name="client", transcript=None, source=None):
        self.name, self.transcript = name, transcript if transcript is not None else []
        self._socket = socket.create_connection(address, timeout=DEADLINE, source_address=source and (source, 0))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._parser, self._ended = StreamParser(), False
        self.certificate = None  # a file with key and certificate, shown in the handshake
        self.server_name = "localhost"  # asked for in the handshake (SNI)
        self.newest_tls = ssl.TLSVersion.MAXIMUM_SUPPORTED
        self._exporter_secret = None

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
        context.maximum_version = self.newest_tls
        if self.certificate:
            context.load_cert_chain(self.certificate)
        with tempfile.NamedTemporaryFile("r", prefix="meerkat-keys-") as secrets:
            context.keylog_filename = secrets.name
            try:
                self._socket = context.wrap_socket(self._socket, server_hostname=self.server_name)
            except OSError as problem:
                raise Problem(f"the TLS handshake failed: {problem}") from problem
            for line in secrets:
                if line.startswith("EXPORTER_SECRET "):
                    self._exporter_secret = bytes.fromhex(line.split()[2])
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

    def channel_binding(self, kind):
        """What a -PLUS mechanism binds to: tls-server-end-point (RFC 5929 §4.1) or tls-exporter (RFC 9266)."""
        if kind == "tls-server-end-point":  # the test's certificates are signed with SHA-256
            return hashlib.sha256(self._socket.getpeercert(binary_form=True)).digest()
        if kind != "tls-exporter" or not self._exporter_secret:
            raise Problem(f"{self.name} has no {kind} to bind to")
        # Python's ssl has no exporter, but writes the secret it would come from: RFC 8446 §7.5, with an empty context.
        name = "sha384" if self._socket.cipher()[0].endswith("SHA384") else "sha256"
        nothing = hashlib.new(name).digest()
        secret = _expand(name, self._exporter_secret, b"EXPORTER-Channel-Binding", nothing, len(nothing))
        return _expand(name, secret, b"exporter", nothing, 32)

    def was_shown_certificate_of(self, domain):
        return domain.encode() in self._socket.getpeercert(binary_form=True)

    @property
    def encrypted(self):
        return isinstance(self._socket, ssl.SSLSocket)

    def another_socket(self):
        """The same connection; inside TLS it is what goes over the network."""
        return socket.socket(fileno=os.dup(self._socket.fileno()))

    def next(self, what="something", within=DEADLINE):
        """The next event, of whatever kind; after the end there is only eof."""
        until = time.monotonic() + within
        while not self._parser.events:
            if self._ended:
                return Event("eof")
            self._socket.settimeout(max(0.001, until - time.monotonic()))
            try:
                data = self._socket.recv(65536)
            except TimeoutError:
                raise Problem(f"{self.name} waited {within:g} s for {what}") from None
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

    def reset(self):
        """RST instead of FIN, as when a network breaks."""
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.drop()

    def drop(self):
        self.note("↔", "(drops the connection)")
        self._socket.close()
        self._ended = True
