# SPDX-License-Identifier: Apache-2.0
# Strangers who come in thousands and do not go on: they cost little, and others log in as fast as ever.
import ssl
import time

import kit
from kit import HEADER, NO_PACE, closed_of, crowd, drop, expect, login, middle, server, timed, user

# Of an optimized build; the coroutines of others keep more.
MOST_MEMORY, MOST_MEMORY_UNOPTIMIZED = 20 * 1000 * 1000, 25 * 1000 * 1000
MOST_LOGIN_MS = 50
OPEN = HEADER.format(host="localhost").encode()
ROOMY = NO_PACE + '; unauthenticated = 12000; unauthenticated_per_address = "infinity"'
PATIENT = "state_timeout = 60000"


def client_hello():
    """The first flight of a client, whole."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    out = ssl.MemoryBIO()
    tls = context.wrap_bio(ssl.MemoryBIO(), out)
    try:
        tls.do_handshake()
    except ssl.SSLWantReadError:
        pass
    return out.read()


def costs(running, come):
    """What the strangers cost while they are there: bytes, and the time of a login (ms)."""
    def logins():
        return middle([timed(lambda: expect(login(running, "alice") is None, "alice cannot log in")) for _ in range(21)])
    alone = logins()
    before = running.memory()
    sockets = come()
    time.sleep(0.5)
    grown = running.memory() - before
    beside = logins()
    # A busy machine is not held against the server.
    return sockets, grown, beside if beside < MOST_LOGIN_MS else beside - 2 * alone


def judge(what, sockets, grown, login_ms):
    print(f"limits: {what}: {grown / 1e6:.1f} MB, a login takes {login_ms:.1f} ms, {closed_of(sockets)} were closed",
          flush=True)
    drop(sockets)
    most = MOST_MEMORY if "release" in str(kit.binary) else MOST_MEMORY_UNOPTIMIZED
    expect(grown < most, f"{what}: {grown} bytes")
    expect(login_ms < MOST_LOGIN_MS, f"{what}: a login takes {login_ms:.1f} ms")


def half_open_streams():
    """10 000 half-open and slow connections move memory by less than 20 MB and leave logins of others under 50 ms"""
    with server(ROOMY, PATIENT) as running:
        user(running, "alice").drop()
        def come():
            return (crowd(running.address, 3000) + crowd(running.tls_address, 3000) +
                    crowd(running.address, 3000, OPEN) + crowd(running.address, 1000, OPEN + b"<auth xmlns='urn:"))
        sockets, grown, login_ms = costs(running, come)
        # Those who log in beside them take the places of the oldest.
        expect(closed_of(sockets) <= 50, "strangers were closed who cost nothing")
        judge("10 000 strangers", sockets, grown, login_ms)


def stalled_handshakes():
    """TLS handshakes that stop half-way are few at a time, the oldest go"""
    with server(ROOMY, PATIENT) as running:
        user(running, "alice").drop()
        hello = client_hello()
        sockets, grown, login_ms = costs(running, lambda: crowd(running.tls_address, 2000, hello))
        expect(closed_of(sockets) >= 1500, "stalled handshakes stay")
        judge("2 000 stalled handshakes", sockets, grown, login_ms)


def halves_of_stanzas():
    """strangers who send the larger part of a stanza and stop are few at a time"""
    with server(ROOMY, PATIENT) as running:
        user(running, "alice").drop()
        half = OPEN + b"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>" + b"A" * 15000
        sockets, grown, login_ms = costs(running, lambda: crowd(running.address, 3000, half))
        judge("3 000 halves of stanzas", sockets, grown, login_ms)


def pool_of_strangers():
    """beyond the limit for all strangers the oldest goes, and whoever means it gets in"""
    with server(NO_PACE + "; unauthenticated = 100", PATIENT) as running:
        user(running, "alice").drop()
        sockets = crowd(running.address, 400, OPEN)
        expect(login(running, "alice") is None, "alice cannot log in")
        time.sleep(0.2)
        closed = closed_of(sockets)
        expect(290 <= closed <= 301, f"{closed} of 400 were closed")
        drop(sockets)


TESTS = [half_open_streams, stalled_handshakes, halves_of_stanzas, pool_of_strangers]
