# SPDX-License-Identifier: Apache-2.0
# Item 19: nobody learns who has an account: not from the words of a failure, not from the salt (RFC 5802 §9), not from
# the time it takes. What tells by its nature is in-band registration, which says conflict; it has limits of its own.
import time

from kit import NS, Refused, expect
from xmpptest import sasl

ALONE = True  # it judges short times

MECHANISMS = ("SCRAM-SHA-256", "SCRAM-SHA-1")


def challenge(house, name, mechanism, client=None):
    """The salt and the count for a name, and the seconds until they came."""
    client = client or house.stranger(tls=True, opened=True)
    began = time.perf_counter()
    client.send(f"<auth xmlns='{NS['sasl']}' mechanism='{mechanism}'>{sasl.encode(f'n,,n={name},r=abcdefgh')}</auth>")
    text = sasl.decode(client.stanza("challenge").text).decode()
    took = time.perf_counter() - began
    client.send(f"<abort xmlns='{NS['sasl']}'/>")
    client.stanza("failure")
    fields = dict(part.split("=", 1) for part in text.split(","))
    return fields["s"], fields["i"], took


def failure(house, name, mechanism):
    client = house.stranger(tls=True, opened=True)
    try:
        client.authenticate(name, "wrong", mechanism=mechanism)
    except Refused as refusal:
        return refusal.condition
    finally:
        client.drop()
    return "success"


def seconds(house, action, names, rounds):
    """The shortest for each name, taken in turns: what an attacker would look at, too, because noise only adds."""
    taken = {name: [] for name in names}
    for _ in range(rounds):
        for name in names:
            taken[name].append(action(name))
    return [min(taken[name]) for name in names]


def wrong_password(house, name):
    client = house.stranger(tls=True, opened=True)
    began = time.perf_counter()
    client.send(f"<auth xmlns='{NS['sasl']}' mechanism='PLAIN'>{sasl.encode(sasl.plain(name, 'wrong'))}</auth>")
    client.stanza("failure")
    took = time.perf_counter() - began
    client.drop()
    return took


def challenge_seconds(house, name):
    clients = getattr(house, "asking", None)
    if clients is None or clients[1] == 12:  # sixteen attempts end a stream
        clients = house.asking = [house.stranger(tls=True, opened=True), 0]
    clients[1] += 1
    return challenge(house, name, "SCRAM-SHA-256", clients[0])[2]


def attack(house):
    known, fresh, unknown = house.account("known")[0], house.account("fresh")[0], "nobody.ever"
    salts = set()
    for mechanism in MECHANISMS:
        for name in known, unknown:
            first, again = challenge(house, name, mechanism), challenge(house, name, mechanism)
            expect(first[:2] == again[:2], f"the salt of {name} stays the same")
            salts.add(first[0])
        one, other = challenge(house, known, mechanism), challenge(house, unknown, mechanism)
        expect(one[1] == other[1] and len(one[0]) == len(other[0]), "salts and counts look alike")
        spelled = challenge(house, unknown.upper(), mechanism)
        expect(spelled[0] == other[0], "another spelling of an unknown name has the same salt, as it would of a known one")
    expect(len(salts) == 2 * len(MECHANISMS), "each has a salt of its own")
    for mechanism in MECHANISMS + ("PLAIN",):
        words = {failure(house, name, mechanism) for name in (known, unknown, "not a name", "x" * 300)}
        expect(words == {"not-authorized"}, f"{mechanism} fails in several ways: {words}")

    # By time. What was asked about before is answered from memory, for whoever it is.
    rounds = 150 if house.hard else 40
    for name in known, fresh, unknown:
        challenge(house, name, "SCRAM-SHA-256")
    same_time(house, "a challenge", challenge_seconds, (known, fresh, unknown), rounds, 60e-6)
    same_time(house, "a wrong password", wrong_password, (known, unknown), rounds // 2, 300e-6)


def same_time(house, what, action, names, rounds, margin):
    """With more rounds noise goes from the shortest times, and what the server does differently stays."""
    taken = [float("inf")] * len(names)
    for _ in range(10):
        taken = [min(pair) for pair in zip(taken, seconds(house, lambda name: action(house, name), names, rounds))]
        if max(taken) - min(taken) < 0.25 * min(taken) + margin * house.slowness:
            return
    shown = ", ".join(f"{value * 1e6:.0f} µs for {name}" for name, value in zip(names, taken))
    expect(False, f"{what} takes {shown}")
