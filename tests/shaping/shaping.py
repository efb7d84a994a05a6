#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Clients that send many times what their shaper allows are slowed down to its rate and lose nothing, and nobody else
# notices.
#   tests/shaping/shaping.py [--server build/release/meerkat]
import os
import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))
from xmpptest.client import Client  # noqa: E402
from xmpptest.runner import expect, run_tests, test, tests_of  # noqa: E402
from xmpptest.server import ROOT, Server, running  # noqa: E402
from xmpptest.waiting import Waiting  # noqa: E402

RATE, ACCOUNT_RATE = 20_000, 30_000  # as in shaping.toml
SIZE = 500
RECORD = 16 * 1024  # what a record of TLS brings is there at once, and waited for afterwards
SECONDS = 6  # so much is sent; what one second brings comes at once


class Scene:
    """The clients of one test; they go when it ends."""

    def __init__(self, server):
        self.server, self.clients = server, []

    def client(self, name, password, resource, tls=False):
        client = Client(self.server.tls_address if tls else self.server.address)
        self.clients.append(client)
        if tls:
            client.handshake()
        client.secure()
        client.log_in(name, password, resource)
        return client

    def newcomer(self, wish, tls=False):
        account = self.server.new_account(wish)
        teller = Client(self.server.address)
        teller.secure()
        teller.register(*account)
        teller.drop()
        return self.client(*account, "one", tls), account

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for client in self.clients:
            client.drop()


def message(to, number):
    start = f"<message to='{to}' id='{number}' type='chat'><body>"
    return start + "x" * (SIZE - len(start) - len("</body></message>")) + "</body></message>"


def flood(client, to, count, first=0):
    """In a thread of its own, because the server may let it wait."""
    thread = threading.Thread(target=client.send, args=("".join(message(to, first + i) for i in range(count)),))
    thread.start()
    return thread


def collect(client, count, within=30):
    """When each of so many messages came, by the number in its id."""
    came = {}
    until = time.monotonic() + within
    while len(came) < count:
        event = client.next("a message", within=max(0.1, until - time.monotonic()))
        expect(event.kind == "stanza", f"expected a message, heard {event.show()}")
        if event.element.local == "message":
            number = int(event.element.attributes["id"])
            expect(number not in came, f"message {number} came twice")
            came[number] = time.monotonic()
    return came


def ten_times_the_rate(scene, tls):
    sender, _ = scene.newcomer("sender", tls)
    reader, _ = scene.newcomer("free.reader")
    other, _ = scene.newcomer("other")
    count = SECONDS * RATE // SIZE
    began = time.monotonic()
    thread = flood(sender, reader.jid, count)
    longest = 0
    pings = threading.Event()

    def ping():
        nonlocal longest
        waiting = Waiting(scene.server.process.pid, os.getpid())
        while not pings.is_set():
            waited, asked = waiting.each(), time.monotonic()
            other.ask("get", "<ping xmlns='urn:xmpp:ping'/>", "localhost")
            longest = max(longest, time.monotonic() - asked - waiting.since(waited))
            pings.wait(0.1)

    pinging = threading.Thread(target=ping)
    pinging.start()
    came = collect(reader, count)
    took = time.monotonic() - began
    pings.set()
    pinging.join()
    thread.join()
    expect(list(came) == sorted(came), "messages came in another order")
    least = SECONDS - 1 - RECORD / RATE
    expect(least - 0.1 < took < SECONDS + 6, f"{SECONDS} seconds' worth took {took:.2f} s")
    in_time = sum(1 for at in came.values() if at - began < 1.5) * SIZE
    expect(in_time <= 2.6 * RATE + RECORD, f"{in_time} bytes came within 1.5 s at a rate of {RATE}")
    expect(longest < 1, f"somebody else waited {longest:.2f} s for a ping")


@test("ten times the rate is slowed down to the rate, without a loss, and others are served at once")
def flood_in_clear(server):
    with Scene(server) as scene:
        ten_times_the_rate(scene, tls=False)


@test("the same with direct TLS")
def flood_with_tls(server):
    with Scene(server) as scene:
        ten_times_the_rate(scene, tls=True)


@test("the connections of one account share its rate")
def one_account_two_connections(server):
    with Scene(server) as scene:
        first, account = scene.newcomer("sender")
        second = scene.client(*account, "two")
        reader, _ = scene.newcomer("free.reader")
        each = SECONDS * ACCOUNT_RATE // SIZE // 2
        began = time.monotonic()
        threads = [flood(first, reader.jid, each), flood(second, reader.jid, each, 10_000)]
        collect(reader, 2 * each)
        took = time.monotonic() - began
        for thread in threads:
            thread.join()
        least = SECONDS - 1 - 2 * RECORD / ACCOUNT_RATE
        expect(least - 0.1 < took < SECONDS + 6, f"{SECONDS} seconds' worth of an account took {took:.2f} s")


@test("who is given no shaper is not slowed down")
def no_shaper(server):
    with Scene(server) as scene:
        sender, _ = scene.newcomer("free.sender")
        reader, _ = scene.newcomer("free.reader")
        count = 10 * RATE // SIZE
        began = time.monotonic()
        thread = flood(sender, reader.jid, count)
        collect(reader, count)
        took = time.monotonic() - began
        thread.join()
        expect(took < 5, f"without a shaper it took {took:.2f} s")


def one_server(binary):
    return running(Server(binary, ROOT / "tests/shaping/shaping.toml"))


if __name__ == "__main__":
    sys.exit(run_tests("shaping", "Sends more than shapers allow.", tests_of(sys.modules[__name__]), one_server,
                       side_by_side=4))
