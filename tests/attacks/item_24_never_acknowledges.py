# SPDX-License-Identifier: Apache-2.0
# Item 24, with stream management (XEP-0198): one who reads and never acknowledges, one who is away while others flood it,
# floods of acknowledgements and of requests for them.
import time

from kit import MB, eventually, expect
from managed import SM, acknowledge, authenticated, enable, resume

CONFIG = "managed"
BODY = "x" * 20000


def flood(house, jid, megabytes, until):
    """So many, in order, or until somebody says it is enough."""
    writer, sent = house.member(), 0
    message = f"<message type='chat' to='{jid}'><body>{BODY}</body></message>"
    while sent < megabytes * MB and not until():
        writer.send(message)
        sent += len(message)
        writer.is_alive()
    return writer


def never_acknowledges(house):
    """It reads all it is sent. After a while its session ends, and what it had not acknowledged is kept for later."""
    account = house.account("silent")
    silent, writer = house.member(account, resource="r"), house.member()
    enable(silent)
    with house.bounded("one who never acknowledges", memory=8 * MB, seconds=30):
        for number in range(150):
            writer.send(f"<message type='chat' id='n{number}' to='{silent.bare}'><body>hello</body></message>")
        expect(silent.verdict() == "resource-constraint", "its session ends, and it is told why")
    later = house.member(account, resource="later")
    for number in range(150):
        expect(later.stanza("message").attributes["id"] == f"n{number}", "nothing is lost, in order")


def acknowledges_late(house):
    """Many more than buffer_max, but it goes on acknowledging."""
    reader, writer = house.member(), house.member()
    enable(reader)
    for number in range(300):
        writer.send(f"<message type='chat' id='n{number}' to='{reader.jid}'><body>hello</body></message>")
    heard = 0
    while heard < 300:
        reader.stanza("message")
        heard += 1
        if heard % 100 == 0:
            expect(writer.is_alive(), "others are served meanwhile")
            acknowledge(reader, heard)
    expect(reader.is_alive(), "who acknowledges stays")


def is_away(house):
    """A flood for a session that waits: it ends, and what was kept is bounded."""
    account = house.account("away")
    away = house.member(account, resource="r")
    previous = enable(away)
    away.drop()
    before = len(house.logged("too_many_unacknowledged"))
    with house.bounded("a flood for one who is away", memory=40 * MB, seconds=40):
        flood(house, away.jid, 30, lambda: len(house.logged("too_many_unacknowledged")) > before)
        expect(eventually(lambda: len(house.logged("too_many_unacknowledged")) > before), "its session ends")
    back = authenticated(house, account)
    resume(back, previous)
    expect(back.stanza("failed"), "there is nothing to resume")


def floods(house):
    member = house.member()
    enable(member)
    with house.bounded("floods of <a/> and <r/>", memory=8 * MB, seconds=20, cpu=6):
        for _ in range(20):
            member.send(f"<a xmlns='{SM}' h='0'/>" * 5000)
            expect(member.is_alive(), "an acknowledgement of nothing harms nobody")
        for _ in range(10):
            member.send(f"<r xmlns='{SM}'/>" * 2000)
            for _ in range(2000):
                member.stanza("a")
    deaf = house.member()
    enable(deaf)
    requests, sent = f"<r xmlns='{SM}'/>".encode() * 5000, 0
    with house.bounded("one who asks for acknowledgements and reads none", memory=16 * MB, peak=48 * MB, seconds=20):
        deaf._socket.settimeout(0.5)
        until = time.monotonic() + 8 * house.slowness
        while time.monotonic() < until and sent < 60 * MB:
            try:
                sent += deaf._socket.send(requests)
            except OSError:
                break
        deaf.drop()


def attack(house):
    never_acknowledges(house)
    acknowledges_late(house)
    is_away(house)
    floods(house)
