# SPDX-License-Identifier: Apache-2.0
# Strangers who come in thousands and do not go on: they cost little, and others log in as fast as ever.
import ssl

from kit import HEADER, NO_PACE, closed_of, counts_bytes, crowd, drop, login, middle, server, timed, user
from xmpptest.runner import expect, test
from xmpptest.waiting import eventually

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


def most_memory(binary):
    return MOST_MEMORY if "release" in str(binary) else MOST_MEMORY_UNOPTIMIZED


def costs(running, come):
    """What the strangers cost while they are there: bytes, and the time of a login (ms)."""
    def logins():
        return middle([timed(lambda: expect(login(running, "alice") is None, "alice cannot log in")) for _ in range(21)])
    alone = logins()
    before = running.memory()
    sockets = come()
    beside = logins()
    most = most_memory(running.binary)
    eventually(lambda: running.memory() - before < most, within=2)  # what the crowd's coming took is given back by then
    grown = running.memory() - before
    # A busy machine is not held against the server.
    return sockets, grown, beside if beside < MOST_LOGIN_MS else beside - 2 * alone


def judge(running, what, sockets, grown, login_ms):
    print(f"limits: {what}: {grown / 1e6:.1f} MB, a login takes {login_ms:.1f} ms, {closed_of(sockets)} were closed",
          flush=True)
    drop(sockets)
    expect(grown < most_memory(running.binary), f"{what}: {grown} bytes")
    expect(login_ms < MOST_LOGIN_MS, f"{what}: a login takes {login_ms:.1f} ms")


@test("10 000 half-open and slow connections move memory by less than 20 MB and leave logins of others under 50 ms")
def half_open_streams(binary):
    counts_bytes(binary)
    with server(binary, ROOMY, PATIENT) as running:
        user(running, "alice").drop()
        def come():
            return (crowd(running.address, 3000) + crowd(running.tls_address, 3000) +
                    crowd(running.address, 3000, OPEN) + crowd(running.address, 1000, OPEN + b"<auth xmlns='urn:"))
        sockets, grown, login_ms = costs(running, come)
        # They just fit in. Each worker has its share of the room, and the kernel gives one more of them than the other: the
        # difference is a matter of chance (100 or so), and those who log in beside them take places, too.
        expect(closed_of(sockets) <= 500, f"{closed_of(sockets)} strangers were closed who cost nothing")
        judge(running, "10 000 strangers", sockets, grown, login_ms)


@test("strangers whose headers declare much take no more")
def long_headers(binary):
    counts_bytes(binary)
    with server(binary, ROOMY, PATIENT) as running:
        user(running, "alice").drop()
        declarations = "".join(f" xmlns:p{i}='urn:{'x' * 1500}:{i}'" for i in range(7))
        words = OPEN[:-1] + declarations.encode() + b">"
        sockets, grown, login_ms = costs(running, lambda: crowd(running.address, 2500, words))
        judge(running, "2 500 long headers", sockets, grown, login_ms)


@test("TLS handshakes that stop half-way are few at a time, the oldest go")
def stalled_handshakes(binary):
    counts_bytes(binary)
    with server(binary, ROOMY, PATIENT) as running:
        user(running, "alice").drop()
        hello = client_hello()
        sockets, grown, login_ms = costs(running, lambda: crowd(running.tls_address, 2000, hello))
        expect(eventually(lambda: closed_of(sockets) >= 1500), "stalled handshakes stay")
        judge(running, "2 000 stalled handshakes", sockets, grown, login_ms)


@test("strangers who send the larger part of a stanza and stop are few at a time")
def halves_of_stanzas(binary):
    counts_bytes(binary)
    with server(binary, ROOMY, PATIENT) as running:
        user(running, "alice").drop()
        half = OPEN + b"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>" + b"A" * 15000
        sockets, grown, login_ms = costs(running, lambda: crowd(running.address, 3000, half))
        judge(running, "3 000 halves of stanzas", sockets, grown, login_ms)


@test("beyond the limit for all strangers the oldest goes, and whoever means it gets in")
def pool_of_strangers(binary):
    with server(binary, NO_PACE + "; unauthenticated = 100", PATIENT) as running:
        user(running, "alice").drop()
        sockets = crowd(running.address, 400, OPEN)
        expect(login(running, "alice") is None, "alice cannot log in")
        expect(eventually(lambda: closed_of(sockets) >= 290), f"{closed_of(sockets)} of 400 were closed")
        expect(closed_of(sockets) <= 301, f"{closed_of(sockets)} of 400 were closed")
        drop(sockets)
