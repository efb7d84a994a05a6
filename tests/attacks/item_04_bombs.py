# SPDX-License-Identifier: Apache-2.0
# Item 4: depth, siblings, attributes, namespace declarations; one stanza with a million empty children. 20 000 nested
# elements to another user bring other servers down as a whole.
from kit import MB, expect


def ends_with(house, sender, data, wanted="policy-violation"):
    sender.send(data)
    heard = sender.verdict()
    expect(heard == wanted, f"{data[:60]}… ({len(data)} bytes) ends with {heard}")


def attack(house):
    victim, account = house.member(wish="victim"), house.account()

    def to_victim(inside, attributes=""):
        return f"<message to='{victim.jid}' type='chat'{attributes}>{inside}</message>"

    bombs = {
        "20 000 nested elements": to_victim("<a>" * 20000 + "</a>" * 20000),
        "a million children": to_victim("<a/>" * 1000000),
        "too many children": to_victim("<a/>" * 8300),
        "too many attributes": to_victim("", "".join(f" a{n}=''" for n in range(300))),
        "too many declarations": to_victim("", "".join(f" xmlns:a{n}='b'" for n in range(70))),
        "declarations spread over children": to_victim("".join(f"<a xmlns='urn:{n}'/>" for n in range(70))),
    }
    for name, bomb in bombs.items():
        with house.bounded(name, cpu=1.0, peak=12 * MB):
            ends_with(house, house.member(account, resource="r"), bomb)
    for name, bomb in list(bombs.items())[:2]:
        with house.bounded(name + " of a stranger", cpu=1.0, peak=8 * MB):
            ends_with(house, house.stranger(opened=True), bomb)

    # As far as it is allowed it arrives, and costs little.
    sender = house.member(account, resource="r")
    allowed = {
        "60 nested elements": "<a>" * 60 + "</a>" * 60,
        "8 000 children": "<a/>" * 8000,
        "250 attributes": "<a" + "".join(f" a{n}=''" for n in range(250)) + "/>",
        "attributes of 60 prefixes": "<a" + "".join(f" xmlns:p{n}='u:{n}'" for n in range(60))
        + "".join(f" p{n}:x{m}=''" for n in range(60) for m in range(3)) + "/>",
        "names looked up in 60 scopes": "<a" + "".join(f" xmlns:p{n}='u:{n}'" for n in range(60)) + ">"
        + "<p0:b p0:c=''/>" * 8000 + "</a>",
    }
    for name, inside in allowed.items():
        with house.bounded(name, cpu=0.5, peak=12 * MB):
            sender.send(to_victim(inside))
            expect(victim.stanza("message").child("a"), f"{name} arrive")
