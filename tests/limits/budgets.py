# SPDX-License-Identifier: Apache-2.0
# The time and the bytes until the login.
import socket
import time

from kit import HEADER, NO_PACE, raw, server
from xmpptest.runner import expect, test

OPEN = HEADER.format(host="localhost").encode()


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
        expect(1.5 < time.monotonic() - started < 9, f"after {time.monotonic() - started:.1f} s")
