# SPDX-License-Identifier: Apache-2.0
# Limits, shapers, PROXY headers and certificates change: what is new holds for those who come, and nobody who is in is lost.
import shutil
import time
from contextlib import ExitStack, closing

from house import Talk, house
from xmpptest.certificates import make_self_signed
from xmpptest.client import HEADER, Client
from xmpptest.runner import expect, test
from xmpptest.server import free_port, is_sanitized
from xmpptest.waiting import eventually
from xmpptest.wire import Problem

PING = "<ping xmlns='urn:xmpp:ping'/>"
OPEN = HEADER.format(host="localhost")
PROXY = "PROXY TCP4 192.0.2.1 127.0.0.1 40000 5222\r\n"
MB = 1 << 20
LEAST_MEMORY = 16 * MB  # that limits.memory may say


def heard_at_the_door(address, say=OPEN):
    """What a stranger hears first after his greeting: "features", the condition of a stream error, or a kind of end."""
    with closing(Client(address)) as stranger:
        stranger.close = stranger.drop
        stranger.send(say)
        event = stranger.next("an answer")
        if event.kind == "open":
            event = stranger.next("features")
        if event.kind != "stanza":
            return event.kind
        return event.element.children[0].local if event.element.local == "error" else event.element.local


def is_served(client):
    client.ask("get", PING, "localhost")


@test("limits hold for those who come next; those who are in stay, and may come back when there is room")
def limits(binary):
    with house(binary, limits='connection_rate = "infinity"') as server, Talk(server), ExitStack() as guests:
        alice = server.logged_in()
        guests.callback(alice.drop)
        server.change(limits='connection_rate = "infinity"\nconnections_per_address = 3')
        expect(heard_at_the_door(server.address) == "policy-violation", "a fourth connection came in")
        is_served(alice)
        server.change(limits='connection_rate = "infinity"\nconnections_per_address = 4')
        expect(heard_at_the_door(server.address) == "features", "the fourth connection is kept out")
        if server.memory() > LEAST_MEMORY:  # an optimized build may have less
            server.change(limits=f'connection_rate = "infinity"\nmemory = {LEAST_MEMORY}')
            expect(eventually(lambda: heard_at_the_door(server.address) == "resource-constraint"), "memory has no limit")
            is_served(alice)
        server.change(limits='connection_rate = "infinity"')
        expect(eventually(lambda: heard_at_the_door(server.address) == "features"), "memory is short for ever")
        server.change(limits='connection_rate = 1\nconnection_burst = 1')
        doors = [heard_at_the_door(server.address) for _ in range(5)]
        expect("policy-violation" in doors, doors)
        server.change(limits='connection_rate = "infinity"')
        expect(heard_at_the_door(server.address) == "features", "the old pace is still kept")
        is_served(alice)


def seconds_to_hear(client, messages, size=2000):
    """How long so many messages to oneself take."""
    began = time.monotonic()
    client.send(f"<message to='{client.jid}' type='chat'><body>{'x' * size}</body></message>" * messages)
    while messages:
        event = client.next("a message", within=30)
        expect(event.kind == "stanza", event.show())
        messages -= event.element.local == "message"
    return time.monotonic() - began


@test("shapers slow down and let go those who are in, and lose nothing")
def shapers(binary):
    access = '[access]\npace = [{{acl = "all", value = "normal"}}]\n[shaper.normal]\nmax_rate = {}'
    with house(binary, c2s='shaper = "pace"', access=access.format(10_000_000)) as server:
        with Talk(server, pause=0.1), ExitStack() as guests:
            alice = server.logged_in()
            guests.callback(alice.drop)
            expect(seconds_to_hear(alice, 20) < 2, "slow without a reason")
            server.change(access=access.format(10_000))
            seconds_to_hear(alice, 1)  # its bucket may be full from before
            slow = seconds_to_hear(alice, 20)
            expect(2 < slow < 30, f"40 KB at 10 KB a second take {slow:.1f} s")
            newcomer = server.logged_in("newcomer")
            guests.callback(newcomer.drop)
            slow = seconds_to_hear(newcomer, 20)
            expect(2 < slow < 30, f"40 KB at 10 KB a second take a newcomer {slow:.1f} s")
            server.change(access=access.format(10_000_000))
            seconds_to_hear(alice, 1)
            for client in (alice, newcomer):
                expect(seconds_to_hear(client, 20) < 2, "slow for ever")


@test("a listener begins and ceases to expect PROXY headers; those who are in stay")
def proxy_protocol(binary):
    other = free_port()
    listen = f'[[listen.c2s]]\nport = {other}\nip_address = "127.0.0.1"\nproxy_protocol = '
    there = "127.0.0.1", other
    with house(binary, listen=listen + "false") as server, Talk(server), ExitStack() as guests:
        before = server.logged_in("before", "SCRAM-SHA-256", there)
        guests.callback(before.drop)
        server.change(listen=listen + "true")
        is_served(before)
        expect(heard_at_the_door(there) in ("eof", "broken"), "who has no header is let in")
        behind = Client(there)
        guests.callback(behind.drop)
        behind.send(PROXY)
        behind.open_stream()
        behind.log_in(*before.account)
        server.change(listen=listen + "false")
        is_served(behind)
        is_served(before)
        expect(heard_at_the_door(there) == "features", "a header is still expected")
        expect(heard_at_the_door(there, PROXY + OPEN) != "features", "a header is still understood")


def refreshed(server, number):
    """Another certificate in the place of the one that is shown, and the server told of it."""
    name = f"fresh{number}"
    make_self_signed("localhost", server.directory / f"{name}.pem")
    for ending in ("crt", "key"):
        shutil.copy(server.directory / f"{name}.{ending}", server.directory / f"show.{ending}")
    server.hang_up()


@test("sessions with TLS live through twenty changes of the certificate, and memory does not grow")
def sessions_with_tls(binary):
    with house(binary) as server, Talk(server), ExitStack() as guests:
        kept = [server.logged_in(f"kept{number}") for number in range(6)]
        shown, memory = set(), []
        for client in kept:
            guests.callback(client.drop)
            expect(client.encrypted, "no TLS")
        for number in range(25):
            refreshed(server, number)
            newcomer = Client(server.address)
            newcomer.open_stream()
            newcomer.start_tls()
            newcomer.log_in(*kept[number % 6].account)
            shown.add(newcomer._socket.getpeercert(binary_form=True))
            newcomer.drop()
            for client in kept:
                is_served(client)
            memory.append(server.memory())
        expect(len(shown) == 25, f"newcomers were shown {len(shown)} certificates")
        grown = (memory[-1] - memory[4]) / MB
        print(f"reload: 20 changes of the certificate: {grown:.2f} MB", flush=True)
        expect(is_sanitized(binary) or grown < 1, f"{grown:.2f} MB more after 20 changes")
