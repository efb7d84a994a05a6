# SPDX-License-Identifier: Apache-2.0
# Item 28, as far as presence itself goes: probes in masses cost their sender more than others and tell strangers nothing,
# whoever has got directed presence is remembered within a bound, and nobody makes a large presence go to many.
from kit import MB, expect
from people import befriend, heard_by, told
from xmpptest.waiting import eventually

CONFIG = "people"
PROBES = 1000


def strangers_learn_nothing(house, victim, mallory):
    """RFC 6121 §4.3.2: who may not know hears of those who are there what he hears of those who are not."""
    away = house.account("away")[0]
    for to in victim.bare, victim.jid, f"{victim.bare}/none", f"{away}@localhost", "nobody@localhost", "nobody@localhost/x":
        mallory.send(f"<presence type='probe' to='{to}'/>")
        heard = told(mallory, "presence", within=0.1)
        expect(not heard, f"a probe of {to} is answered: {[h.show() for h in heard]}")
    for to in victim.bare, victim.jid:
        mallory.send(f"<presence to='{to}'/>")
    victim.stanza("presence")
    expect(not heard_by(mallory, "presence", within=0.2), "directed presence does not bring the other's")
    expect(not [p for p in told(victim, "presence") if p.attributes.get("type") == "probe"], "clients hear of no probe")


def probes_of_strangers(house, victim, mallory):
    with house.bounded("a flood of probes", memory=8 * MB, seconds=60, cpu=6):
        for number in range(PROBES):
            mallory.send(f"<presence type='probe' to='{victim.bare if number % 2 else f'nobody{number}@localhost'}'/>")
            if number % 100 == 99:
                expect(victim.is_alive(), "whoever is probed does not notice")
    expect(not told(victim, "presence"), "and hears nothing of it")


def probes_of_friends(house, victim):
    """A friend's probe is answered by each device, so that one that asks for ever waits longer and longer."""
    devices = [house.member(victim.account, f"d{number}", available=False) for number in range(4)]
    for device in devices:
        device.send(f"<presence><status>{'s' * 8000}</status></presence>")
        device.stanza("presence")
    friend = house.member(wish="friend")
    befriend(victim, friend)
    friend.send(f"<presence type='probe' to='{victim.bare}'/>")
    expect(eventually(lambda: len({p.attributes["from"] for p in heard_by(friend, "presence")}) >= 1, within=5), "a friend hears")
    with house.bounded("a friend's flood of probes", memory=16 * MB, seconds=60, peak=64 * MB):
        friend.send(f"<presence type='probe' to='{victim.bare}'/>" * 200)
        for device in devices:
            expect(device.is_alive(), "those who are asked for do not notice")
        expect(victim.is_alive(), "and neither does this one")
        friend.drop()
    for device in devices:
        device.drop()


def directed(house, victim, mallory):
    """Who got directed presence is told when it is over, as far as the session is remembered to have spoken to him."""
    with house.bounded("directed presence to many", memory=8 * MB, seconds=60):
        for round_ in range(20):
            mallory.send("".join(f"<presence to='nobody{round_}.{number}@localhost/{'r' * 200}'/>" for number in range(200)))
        mallory.send(f"<presence to='{victim.jid}'/>")
        expect(victim.stanza("presence").attributes["from"] == mallory.jid, "the last one arrives")
    mallory.send("<presence type='unavailable'/>")
    ended = victim.stanza("presence")
    expect(ended.attributes["from"] == mallory.jid and ended.attributes.get("type") == "unavailable", "and hears of the end")
    # On and off to the same one: one entry, and one end.
    for _ in range(200):
        mallory.send(f"<presence to='{victim.jid}'/><presence type='unavailable' to='{victim.jid}'/>")
    mallory.send(f"<presence to='{victim.jid}'/>" * 3)
    mallory.is_alive()
    mallory.drop()
    kinds = []
    eventually(lambda: kinds.extend(p.attributes.get("type") for p in told(victim, "presence")) or len(kinds) >= 404, within=10)
    expect(len(kinds) == 404 and kinds[-1] == "unavailable" and kinds[-2] is None, f"{len(kinds)} presences, then {kinds[-4:]}")


def large(house, victim):
    """What every contact gets, and what is kept for those who come later, has a size."""
    friend = house.member(wish="large")
    befriend(victim, friend)
    friend.send(f"<presence id='big'><status>{'x' * 150000}</status></presence>")
    while True:
        got = friend.stanza("presence")
        if got.attributes.get("id") == "big":
            break
    expect(got.attributes.get("type") == "error" and got.child("error").child("policy-violation"), f"150 KB of presence: {got.show()[:200]}")
    big = [p for p in told(victim, "presence") if p.child("status")]
    expect(not big, "which nobody gets")


def attack(house):
    victim, mallory = house.member(wish="victim"), house.member(wish="mallory")
    strangers_learn_nothing(house, victim, mallory)
    probes_of_strangers(house, victim, mallory)
    directed(house, victim, house.member(wish="director"))
    large(house, victim)
    probes_of_friends(house, victim)
