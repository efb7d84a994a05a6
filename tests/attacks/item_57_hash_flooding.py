# SPDX-License-Identifier: Apache-2.0
# Item 57: names that collide under unkeyed hashes cost no more than others; numbers too large for their type are errors and
# nothing else; what is kept in lists that a client can make long stays bounded.
import time

from kit import MB, busy_machine, expect
from xmpptest import sasl

ALONE = True  # it judges short times

NS_SASL = "urn:ietf:params:xml:ns:xmpp-sasl"
BLOCKS = ("az", "b[")  # equal under everything that multiplies by 31: Java's hash, and many more


def colliding(count):
    """Names with the same value under h = 31 h + c, which also share their lengths, beginnings and ends."""
    bits = count.bit_length()
    return ["".join(BLOCKS[number >> bit & 1] for bit in range(bits)) + "end"
            for number in range(count)]


def fnv_collisions(count):
    """Names whose 32-bit FNV-1a values are the same in the lowest 10 bits, so that a table of 1024 has one bucket."""
    found, number = [], 0
    while len(found) < count:
        name, value = f"u{number:x}", 0x811C9DC5
        for byte in name.encode():
            value = (value ^ byte) * 0x01000193 & 0xFFFFFFFF
        if value & 0x3FF == 0:
            found.append(name)
        number += 1
    return found


def directed(house, names):
    """Seconds of the server for presence to all of these, and messages to each."""
    member = house.member()
    before = house.cpu()
    member.send("".join(f"<presence to='{name}@localhost/x'/>" for name in names))
    member.send("".join(f"<message type='headline' to='{name}@localhost'/>" for name in names))
    expect(member.is_alive(), "they are all looked at")
    used = house.cpu() - before
    member.drop()
    return used


def asked_for(house, names):
    """Seconds for SASL's look at each of them: accounts that are cached, and those that are nobody."""
    before = house.cpu()
    for start in range(0, len(names), 12):
        client = house.stranger(opened=True)
        for name in names[start:start + 12]:
            client.send(f"<auth xmlns='{NS_SASL}' mechanism='SCRAM-SHA-256'>{sasl.encode(f'n,,n={name},r=abc')}</auth>")
            client.stanza("challenge")
            client.send(f"<abort xmlns='{NS_SASL}'/>")
            client.stanza("failure")
        client.drop()
    return house.cpu() - before


def attack(house):
    count = 4000 if house.hard else 900
    ordinary = [f"o{number}.{number * 7919 % 104729:x}" for number in range(count)]
    for kind, names in (("multiplying by 31", colliding(count)), ("FNV-1a", fnv_collisions(count))):
        usual, chosen = directed(house, ordinary), directed(house, names)
        expect(chosen < 2 * usual + 0.2 * house.slowness,
               f"names chosen against {kind} cost {chosen:.2f} s, others {usual:.2f} s")
    usual, chosen = asked_for(house, ordinary[:240]), asked_for(house, fnv_collisions(240))
    expect(chosen < 2 * usual + 0.2 * house.slowness, f"chosen names cost SASL {chosen:.2f} s, others {usual:.2f} s")

    # Directed presence is remembered up to a bound, and the end of a session that sent much of it is cheap for others.
    member = house.member()
    with house.bounded("directed presence to 6 000 addresses", memory=8 * MB, peak=16 * MB, cpu=6.0):
        for start in range(0, 6000, 1000):
            member.send("".join(f"<presence to='d{number}@localhost/{'r' * 20}'/>" for number in range(start, start + 1000)))
        expect(member.is_alive(), "presence to many is served")
        member.drop()

    # Numbers.
    member = house.member()
    for number in ("128", "-129", "2147483648", "4294967296", "-9223372036854775809", "99999999999999999999999999", "1e3",
                   "0x10", "",
                   " 1", "1 ", "+-1", "--1", "٣", "1.5", "NaN"):
        member.send(f"<presence><priority>{number}</priority></presence>"
                    "<iq type='get' id='p' to='localhost'><ping xmlns='urn:xmpp:ping'/></iq>")
        heard = member.stanza("presence", "iq")
        if heard.local == "presence":
            expect(heard.attributes.get("type") == "error" or number in ("", " 1", "1 "),
                   f"priority {number!r} is taken: {heard.show()}")
            member.stanza("iq")
    expect(member.is_alive(), "no number ends a session")
    for identity in ("x" * 60000, "\u20ac" * 20000, "&#x10FFFF;" * 5000):
        member.send(f"<iq type='get' id='{identity}' to='localhost'><ping xmlns='urn:xmpp:ping'/></iq>")
        expect(member.stanza("iq").attributes["type"] == "result", "a long id is given back")
    for to in ("a" * 1023 + "@localhost", "a" * 1024 + "@localhost", "a@" + "b" * 1024, "a@localhost/" + "r" * 1024, "@" * 3000,
               "/" * 3000,
               "a@" + "b." * 511 + "c", "a@[::1]", "a@[" + ":" * 3000 + "]", "a@999.999.999.999"):
        began = time.monotonic()
        member.send(f"<message to='{to}' id='m'><body>x</body></message>")
        expect(member.stanza("message").attributes["type"] == "error", f"{to[:30]} is no address of anybody")
        expect(time.monotonic() - began < house.slowness * busy_machine(), f"{to[:30]} takes long")
