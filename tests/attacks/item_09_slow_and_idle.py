# SPDX-License-Identifier: Apache-2.0
# Item 9: white space and keep-alive floods, slow-loris at every stage of the negotiation on both listeners, half-open
# sockets, floods of connections that are never used.
import select
import socket
import time

from kit import HEADER, MB, NS, busy_machine, eventually, expect

CONFIG = "hasty"  # one second for each step
START = HEADER.format(host="localhost").encode()
HELLO = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"r" * 40
AUTH = f"<auth xmlns='{NS['sasl']}' mechanism='SCRAM-SHA-256'>biwsbj1hLHI9YWJj</auth>".encode()


def stages(house):
    """Name, a client at that stage, and what it goes on to dribble."""
    yield "silent from the start", house.stranger(), b""
    yield "silent where TLS is due", house.stranger_in_clear(), b""
    yield "half a header", house.stranger(), START[:40]
    yield "a header byte by byte", house.stranger(), START[:-1] + b" a='" + b"x" * 9000
    yield "white space before the header", house.stranger(), b" " * 9000
    yield "silent after the header", house.stranger(opened=True), b""
    yield "white space after the header", house.stranger(opened=True), b" \n" * 9000
    yield "a stanza byte by byte", house.stranger(opened=True), b"<auth mechanism='PLAIN'>" + b"A" * 9000
    hello = house.stranger_in_clear()
    hello.send(HELLO[:20])
    yield "half a ClientHello", hello, b""
    yield "a ClientHello byte by byte", house.stranger_in_clear(), HELLO[:11] + b"r" * 400
    asked = house.stranger(opened=True)
    asked.send(f"<starttls xmlns='{NS['tls']}'/>")
    yield "silent after proceed", asked, b""
    dribbling = house.stranger(opened=True)
    dribbling.send(f"<starttls xmlns='{NS['tls']}'/>")
    yield "a slow handshake after proceed", dribbling, HELLO[:11] + b"r" * 400
    yield "silent inside TLS", house.stranger(secured=True), b""
    challenged = house.stranger(opened=True)
    challenged.send(AUTH)
    yield "silent after the challenge", challenged, b""
    unbound = house.stranger(opened=True)
    unbound.authenticate(*house.account())
    yield "silent after success", unbound, b""
    headed = house.stranger(opened=True)
    headed.authenticate(*house.account())
    headed.open_stream()
    yield "silent before bind", headed, b" " * 9000


def dribble(clients, until):
    """A byte each, forty times a second, to all who are still connected; how many are not."""
    rests, gone = {c: rest for _, c, rest in clients if rest}, {}
    while time.monotonic() < until and len(gone) < len(clients):
        for name, client, _ in clients:
            rest = rests.get(client)
            if rest:
                client.send_quietly(rest[:1])
                rests[client] = rest[1:]
            if name not in gone and client.has_ended():
                gone[name] = time.monotonic()
        time.sleep(0.025)
    return gone


def has_ended(client):
    with client.another_socket() as end:
        end.setblocking(False)
        try:
            while select.select([end], [], [], 0)[0]:
                if not end.recv(65536):
                    return True
        except OSError as problem:
            return not isinstance(problem, BlockingIOError)
    return False


def send_quietly(client, data):
    try:
        with client.another_socket() as end:
            end.send(data)
    except OSError:
        pass


def attack(house):
    began = time.monotonic()
    clients = list(stages(house))
    for _, client, _ in clients:
        client.has_ended = has_ended.__get__(client)
        client.send_quietly = send_quietly.__get__(client)
    opened = time.monotonic() - began
    gone = dribble(clients, time.monotonic() + 6 * house.slowness * busy_machine())
    still = [name for name, _, _ in clients if name not in gone]
    expect(not still, f"still connected long after their second: {still} (it took {opened:.1f} s to open them)")

    # A session may be silent as long as it likes, and a flood of white space costs next to nothing.
    member = house.member()
    with house.bounded("20 MB of white space", cpu=1.5, peak=8 * MB):
        for _ in range(20):
            member.send(b" \n\t " * (MB // 4))
        expect(member.is_alive(), "white space between stanzas keeps a session alive")

    # Connections that are opened and forgotten, or broken at once.
    with house.bounded("connections that are never used", memory=8 * MB, cpu=3.0):
        before = house.descriptors()
        crowd = []
        for number in range(2000 if house.hard else 600):
            one = socket.socket()
            one.connect(house.server.address)
            if number % 3 == 0:
                one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
                one.close()  # RST
            elif number % 3 == 1:
                one.shutdown(socket.SHUT_WR)
                crowd.append(one)
            else:
                crowd.append(one)
        expect(eventually(lambda: house.descriptors() <= before, 10 * house.slowness), "their descriptors are given back")
        for one in crowd:
            one.close()
