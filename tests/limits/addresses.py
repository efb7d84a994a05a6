# SPDX-License-Identifier: Apache-2.0
# Connections per address, per listener and per second; the PROXY protocol.
from kit import HEADER, NO_PACE, Client, Refused, crowd, drop, raw, server, user
from xmpptest.runner import expect, test
from xmpptest.waiting import eventually

OPEN = HEADER.format(host="localhost").encode()
WELCOME = b"<stream:features"
V1 = "PROXY TCP4 {} 127.0.0.1 40000 5222\r\n"


def comes_in(running, source):
    """A visit that is short."""
    return WELCOME in raw(running.address, OPEN + b"</stream:stream>", source)


@test("one address has so many connections, and hears why there are no more; others come in")
def connections_of_one_address(binary):
    with server(binary, NO_PACE + "; connections_per_address = 3") as running:
        sockets = crowd(running.address, 3, sources=1)
        heard = raw(running.address, OPEN, source="127.0.9.1")
        expect(b"<policy-violation" in heard and b"Too many connections" in heard, heard)
        expect(comes_in(running, "127.0.9.2"), "kept out")
        drop(sockets)
        expect(eventually(lambda: comes_in(running, "127.0.9.1")), "kept out")


@test("who has logged in does not count among the strangers of an address")
def strangers_of_one_address(binary):
    with server(binary, NO_PACE + "; unauthenticated_per_address = 2") as running:
        users = [user(running, f"user{number}", "127.0.9.1") for number in range(5)]
        sockets = crowd(running.address, 2, sources=1)
        heard = raw(running.address, OPEN, source="127.0.9.1")
        expect(b"<policy-violation" in heard, heard)
        for client in users:
            client.ask("get", "<ping xmlns='urn:xmpp:ping'/>", "localhost")
            client.drop()
        drop(sockets)


@test("new connections of an address come at a pace, and again after a while")
def pace_of_connections(binary):
    with server(binary, "connection_rate = 1; connection_burst = 10") as running:
        heard = [raw(running.address, OPEN + b"</stream:stream>", "127.0.9.1") for _ in range(30)]
        welcome = sum(WELCOME in one for one in heard)
        expect(10 <= welcome < 25, f"{welcome} of 30 came in")
        expect(b"<policy-violation" in heard[-1], heard[-1])
        expect(eventually(lambda: comes_in(running, "127.0.9.1"), every=0.1), "kept out for good")


@test("a listener takes max_connections")
def connections_of_a_listener(binary):
    with server(binary, NO_PACE, "max_connections = 4") as running:
        sockets = crowd(running.address, 4)
        expect(b"<resource-constraint" in raw(running.address, OPEN), "a fifth came in")
        expect(raw(running.tls_address, b"x") == b"(silence)", "the other listener has its own count")
        drop(sockets)


def registers(running, name, told, tls=False):
    client = Client(running.tls_address if tls else running.address)
    client.send(V1.format(told))
    if tls:
        client.handshake()
    client.open_stream()
    try:
        client.register(name, "secret")
        return "done"
    except Refused as refused:
        return refused.condition
    finally:
        client.drop()


@test("behind a proxy the address that it tells is what counts, also in front of TLS")
def told_by_a_proxy(binary):
    with server(binary, NO_PACE, "proxy_protocol = true", registration_timeout=600) as running:
        expect(registers(running, "a", "192.0.2.1") == "done", "the first from there")
        expect(registers(running, "b", "192.0.2.2", tls=True) == "done", "another, with TLS")
        expect(registers(running, "c", "192.0.2.1") == "resource-constraint", "the second from there")
        expect(registers(running, "d", "192.0.2.2", tls=True) == "resource-constraint", "the second, with TLS")


@test("where a proxy is expected, a connection without its header is closed")
def no_word_from_a_proxy(binary):
    with server(binary, NO_PACE, "proxy_protocol = true") as running:
        expect(raw(running.address, OPEN) in (b"", b"(reset)"), "it was served")
        expect(raw(running.tls_address, b"\x16\x03\x01\x02\x00\x01") in (b"", b"(reset)"), "it was served")
