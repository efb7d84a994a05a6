# SPDX-License-Identifier: Apache-2.0
# Item 28: presence told to those who may not know, floods of presence and of probes, directed presence without end. What
# joins later, with other servers: subscription loops between them.
from kit import MB, Problem, expect

CONFIG = "contacts"
ROSTER = "<query xmlns='jabber:iq:roster'/>"


def befriend(*people):
    """Everybody sees everybody."""
    for person in people:
        person.ask("get", ROSTER)
    for one in people:
        for other in people:
            if one is other:
                continue
            one.send(f"<presence type='subscribe' to='{other.bare}'/>")
            until(other, "presence", "subscribe", one.bare)
            other.send(f"<presence type='subscribed' to='{one.bare}'/>")
            until(one, "presence", "subscribed", other.bare)


def until(client, kind, type_, sender):
    while True:
        stanza = client.stanza(kind, "iq")
        if stanza.local == kind and (stanza.attributes.get("type"), stanza.attributes.get("from")) == (type_, sender):
            return stanza


def strangers_learn_nothing(house):
    """Neither whether somebody is there, nor whether the account exists."""
    victim, gone, eve = house.member(), house.member(), house.member()
    gone.drop()
    house.member(gone.account, available=False)  # the account's last session is through
    for to in victim.bare, victim.jid, gone.bare, gone.jid, "nobody@localhost", "nobody@localhost/x":
        eve.send(f"<presence type='probe' to='{to}'/>")
        eve.send(f"<presence type='unsubscribed' to='{to}'/><presence type='unsubscribe' to='{to}'/>")
    heard = eve.hears_nothing_but(within=0.5)
    expect(not heard, f"a stranger's probes are answered: {heard[:2]}")
    eve.send(f"<presence type='subscribe' to='{victim.bare}'/>")
    victim.send("<presence><status>secret</status></presence>")
    victim.is_alive()
    heard = eve.hears_nothing_but(within=0.5)
    expect(not heard, f"who has only asked sees {heard[:2]}")


def floods(house):
    """Probes and changes without a pause: whoever sends them waits, nobody else does."""
    friends = [house.member(resource="r") for _ in range(4)]
    befriend(*friends)
    flooder, contact = friends[:2]
    big = "<presence><status>" + "x" * 10000 + "</status></presence>"
    contact.send(big)
    contact.is_alive()
    probe = f"<presence type='probe' to='{contact.bare}'/>".encode() * 200
    change = b"<presence/><presence type='unavailable'/>" * 200
    for what, data in ("probes", probe), ("changes", change):
        with house.bounded(f"a flood of {what}", memory=24 * MB, peak=64 * MB, seconds=20):
            with flooder.another_socket() as line:
                line.settimeout(0.2)
                send_much(line, data, 4 * MB)
            for friend in friends[1:]:
                friend.is_alive()
        flooder.drop()
        flooder = house.member(flooder.account, resource="r", available=False)
        flooder.send("<presence/>")


def send_much(line, data, most):
    sent = stalled = 0
    while sent < most and stalled < 3:
        try:
            sent += line.send(data[sent % len(data):])
        except TimeoutError:
            stalled += 1
        except OSError:
            return  # it reads nothing of what it asks for, and was cut off


def directed_without_end(house):
    """What is remembered of directed presence has a bound, and its end costs no more."""
    spammer, witness = house.member(), house.member()
    with house.bounded("directed presence to 20000 addresses", memory=8 * MB, peak=32 * MB, seconds=30):
        for start in range(0, 20000, 500):
            spammer.send("".join(f"<presence to='nobody{n}@localhost/{'r' * 200}'/>" for n in range(start, start + 500)))
        spammer.send(f"<presence to='{witness.jid}'/>")
        until(witness, "presence", None, spammer.jid)
        spammer.drop()
        until(witness, "presence", "unavailable", spammer.jid)


def too_large(house):
    """Presence that would be kept for each session has a bound."""
    member = house.member()
    member.send("<presence id='large'><status>" + "x" * 100_000 + "</status></presence>")
    try:
        answer = member.stanza("presence")
    except Problem:
        answer = None
    expect(answer is not None and answer.attributes.get("type") == "error", "too much presence is refused")
    expect(member.is_alive(), "and its sender goes on")


def attack(house):
    strangers_learn_nothing(house)
    directed_without_end(house)
    too_large(house)
    floods(house)
