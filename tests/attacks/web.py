# SPDX-License-Identifier: Apache-2.0
# HTTP byte by byte, for the attacks on it.
import re
import socket
import ssl


class Visitor:
    """A connection to an HTTP listener; says any bytes."""

    def __init__(self, address, tls=False, within=20.0):
        self.socket = socket.create_connection(address, timeout=within)
        if tls:
            context = ssl.create_default_context()
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            self.socket = context.wrap_socket(self.socket, server_hostname="localhost")
        self.heard = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def say(self, text):
        """False when the server does not listen any more."""
        try:
            self.socket.sendall(text if isinstance(text, bytes) else text.encode("latin-1"))
        except (BrokenPipeError, ConnectionResetError, ssl.SSLError):
            return False
        return True

    def hear_all(self):
        """Until the server closes the connection."""
        try:
            while more := self.socket.recv(65536):
                self.heard += more
        except ConnectionResetError:
            pass
        return self.heard

    def answer(self):
        """One answer: its status, its header fields as text, its body."""
        while b"\r\n\r\n" not in self.heard:
            more = self.socket.recv(65536)
            if not more:
                return None
            self.heard += more
        head, _, rest = self.heard.partition(b"\r\n\r\n")
        length = re.search(rb"(?i)content-length: (\d+)", head)
        size = int(length[1]) if length else 0
        while len(rest) < size:
            more = self.socket.recv(65536)
            if not more:
                return None
            rest += more
        self.heard = rest[size:]
        return int(head.split(b" ")[1]), head.decode("latin-1"), rest[:size]

    def is_over(self):
        """Whether the server has closed the connection, and said nothing more."""
        return self.heard + self.socket.recv(1) == b""


def statuses(heard):
    return [int(status) for status in re.findall(rb"HTTP/1\.1 (\d{3}) ", heard)]


def ask(address, text, tls=False):
    """The statuses of everything that is answered before the server closes; the last request should say so."""
    with Visitor(address, tls) as visitor:
        visitor.say(text)
        return statuses(visitor.hear_all())


def get(target, fields="", close=True):
    return f"GET {target} HTTP/1.1\r\nHost: localhost\r\n{'Connection: close' + chr(13) + chr(10) if close else ''}{fields}\r\n"
