# SPDX-License-Identifier: Apache-2.0
# Item 24: a client that never reads (the Openfire of 2008 filled its memory), in the clear and inside TLS, while others
# write to it, while it asks and asks itself, and one that reads a byte at a time. One that never acknowledges:
# item_24_never_acknowledges.py.
import socket
import time

from kit import MB, busy_machine, eventually, expect

BODY = "x" * 60000


class Deaf:
    """Somebody who is there, and whose kernel takes little."""

    def __init__(self, house, tls, account=None):
        self.client = house.member(account, tls=tls)
        with self.client.another_socket() as bare:
            bare.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)


def written_to(house, tls):
    """Many write: they are slowed down, the deaf one is cut off, its messages go back to them. What the allocator keeps
    of the first time is used again the second time."""
    deaf = Deaf(house, tls, house.account("deaf")).client
    account = house.account("writer")
    writers = [house.member(account, available=False) for _ in range(40)]
    lines = {writer.another_socket(): b"" for writer in writers}
    for line in lines:
        line.settimeout(0.002)
    message = f"<message type='chat' to='{deaf.jid}'><body>{BODY}</body></message>".encode()
    where = "inside TLS" if tls else "in the clear"
    with house.bounded(f"a client that never reads {where}", memory=(16 if tls else 32) * MB, peak=48 * MB, seconds=25):
        sent, until = 0, time.monotonic() + 20 * house.slowness * busy_machine()
        returned = False
        while not returned and time.monotonic() < until:
            for line, rest in lines.items():
                try:
                    rest = rest or message
                    count = line.send(rest)
                    lines[line], sent = rest[count:], sent + count
                except TimeoutError:
                    pass  # it is being held
                if says(line, b"type='error'"):
                    returned = True
                    break
        expect(returned, f"after {sent / MB:.1f} MB the deaf one is still not cut off")
        for line in lines:
            line.close()
        for client in writers + [deaf]:
            client.drop()
    expect(house.logged("client_too_slow"), "and the log says so")


def says(line, words):
    line.setblocking(False)
    try:
        return words in line.recv(65536)
    except OSError:
        return False
    finally:
        line.settimeout(0.002)


def asks_itself(house, tls):
    """It asks for much and reads nothing of the answers."""
    deaf = Deaf(house, tls).client
    asks = "".join(f"<iq type='get' id='{'i' * 500}{n}' to='localhost'>"
                   "<query xmlns='http://jabber.org/protocol/disco#info'/></iq>" for n in range(50)).encode()
    with house.bounded("one who asks and never reads", memory=12 * MB, peak=24 * MB, seconds=25):
        sent, until = 0, time.monotonic() + 8 * house.slowness
        deaf._socket.settimeout(0.3)
        stalled = 0
        while time.monotonic() < until and stalled < 5 and sent < 60 * MB:
            try:
                if tls:
                    deaf._socket.sendall(asks)
                    sent += len(asks)
                else:
                    sent += deaf._socket.send(asks)
            except TimeoutError:
                stalled += 1
                if tls:
                    break  # half a record: this connection cannot go on writing
            except OSError:
                break
        deaf.drop()


def reads_slowly(house):
    """A byte now and then keeps nobody's memory."""
    slow, writer = Deaf(house, False).client, house.member()
    message = f"<message type='chat' to='{slow.jid}'><body>{BODY}</body></message>".encode()
    with house.bounded("a client that reads a byte at a time", memory=12 * MB, peak=24 * MB, seconds=25):
        with writer.another_socket() as line, slow.another_socket() as ear:
            line.settimeout(0.01)
            until = time.monotonic() + 2
            rest = b""
            while time.monotonic() < until:
                rest = rest or message
                try:
                    rest = rest[line.send(rest):]
                except TimeoutError:
                    pass
                except OSError:
                    break
                try:
                    ear.recv(1)
                except OSError:
                    break
        slow.drop()
        writer.drop()


def attack(house):
    for tls in False, True:
        written_to(house, tls)
        asks_itself(house, tls)
    reads_slowly(house)
    expect(eventually(lambda: house.member().is_alive()), "newcomers are served")
