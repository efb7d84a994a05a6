# SPDX-License-Identifier: Apache-2.0
# Item 28: requests, answers and withdrawals that nobody asked for, in masses and in circles, change no roster but the
# sender's, are answered with nothing that could be answered, and leave nothing behind that grows.
from kit import MB, expect

CONFIG = "people"
TYPES = ("subscribe", "subscribed", "unsubscribe", "unsubscribed")
ROUNDS = 15


def roster(client):
    client.send("<iq type='get' id='look'><query xmlns='jabber:iq:roster'/></iq>")
    while True:
        answer = client.stanza("iq")
        if answer.attributes.get("id") == "look":
            return [dict(item.attributes) for query in answer.children for item in query.children]


def attack(house):
    victim, mallory = house.member(wish="victim"), house.member(wish="mallory")
    expect(roster(victim) == [], "the victim has no contacts")
    for kind in "subscribed", "unsubscribe", "unsubscribed":
        mallory.send(f"<presence type='{kind}' to='{victim.bare}'/>")
    expect(mallory.is_alive(), "answers without a question end nothing")
    heard = victim.hears_nothing_but(within=0.2)
    expect(not heard, f"and nobody hears them: {heard}")
    expect(roster(victim) == [], "and nobody is a contact by them")

    # On and off, as fast as it goes: the victim hears each change once, and the rosters stay as small as they were.
    with house.bounded("a flood of subscriptions", memory=8 * MB, seconds=60):
        on_and_off = "".join(f"<presence type='{kind}' to='{victim.bare}'/>" for kind in ("subscribe", "unsubscribe"))
        for _ in range(ROUNDS):
            mallory.send(on_and_off * 10)
            expect(mallory.is_alive(), "a flood of requests is worked off")
    expect(victim.is_alive() and roster(victim) == [], "a request is no contact")

    # Both approve and ask and take back at once, for a while: then there is silence.
    for _ in range(50):
        for kind in TYPES:
            mallory.send(f"<presence type='{kind}' to='{victim.bare}'/>")
            victim.send(f"<presence type='{kind}' to='{mallory.bare}'/>")
    for one in (mallory, victim):
        one.send("<iq type='get' id='done'><ping xmlns='urn:xmpp:ping'/></iq>")
        while one.stanza("iq", within=120).attributes.get("id") != "done":
            continue
    for one in (mallory, victim, mallory, victim):
        roster(one)  # when it has its turn, what came before has had it
        one.hears_nothing_but("presence", "iq", within=0.2)
    heard = mallory.hears_nothing_but(within=0.3) + victim.hears_nothing_but(within=0.3)
    expect(not heard, f"when nobody speaks, nobody is spoken to: {heard[:3]}")
    expect(len(roster(victim)) == 1 and len(roster(mallory)) == 1, "and each has the other once")

    # Somebody asks in many names that do not exist, and of many.
    for number in range(100):
        mallory.send(f"<presence type='subscribe' to='nobody{number}@localhost'/>")
        expect(number % 20 or mallory.is_alive(), "and is served meanwhile")
    expect(mallory.is_alive() and len(roster(mallory)) == 101, "who asks for nobody waits, and that is all")
