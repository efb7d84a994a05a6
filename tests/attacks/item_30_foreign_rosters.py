# SPDX-License-Identifier: Apache-2.0
# Item 30, as far as rosters go: the outsider, the one who asked and was not answered, the other domain's user and the
# user of no domain here read and change nobody's roster, and learn from the answer neither who exists nor who is online.
from kit import expect

CONFIG = "people"
ITEM = "<item jid='mallory@other.test' subscription='both'/>"


def answer_of(client, to, kind, content, number):
    client.send(f"<iq type='{kind}' id='a{number}' to='{to}'><query xmlns='jabber:iq:roster'>{content}</query></iq>")
    while True:
        answer = client.stanza("iq")
        if answer.attributes.get("id") == f"a{number}":
            condition = [child.local for error in answer.children if error.local == "error" for child in error.children]
            return answer.attributes["type"], condition[:1]


def attack(house):
    victim = house.member(wish="victim")
    victim.send("<iq type='set' id='s'><query xmlns='jabber:iq:roster'><item jid='friend@localhost' name='F'/></query></iq>")
    victim.stanza("iq")
    offline = house.member(wish="offline")
    offline.drop()
    outsider, foreigner = house.member(wish="outsider"), house.member(wish="foreigner", host="other.test")
    asker = house.member(wish="asker")
    asker.send(f"<presence type='subscribe' to='{victim.bare}'/>")
    asker.is_alive()

    number = 0
    for who in outsider, foreigner, asker:
        for to in victim.bare, offline.bare, "nobody@localhost", "nobody@other.test":
            for kind, content in ("get", ""), ("set", ITEM):
                number += 1
                answer = answer_of(who, to, kind, content, number)
                expect(answer == ("error", ["forbidden"]), f"a {kind} of {to} is answered with {answer}")
        # The server itself, and a session, have no roster; the session's client answers for itself.
        number += 1
        expect(answer_of(who, "localhost", "get", "", number) == ("error", ["service-unavailable"]), "the server has none")
        for to in f"{victim.bare}/none", "nobody@localhost/none":
            number += 1
            expect(answer_of(who, to, "set", ITEM, number)[0] == "error", "who is not there has none")

    victim.send("<iq type='get' id='look'><query xmlns='jabber:iq:roster'/></iq>")
    while True:
        got = victim.stanza("iq")
        if got.attributes.get("id") == "look":
            break
    items = [item.attributes["jid"] for query in got.children for item in query.children]
    expect(items == ["friend@localhost"], f"the roster is what its owner made it: {items}")

    # What looks like a push of one's own server comes from who sent it, in full.
    outsider.send(f"<iq type='set' id='push' to='{victim.jid}'><query xmlns='jabber:iq:roster'>{ITEM}</query></iq>")
    expect(victim.stanza("iq").attributes["from"] == outsider.jid, "a forged push is its sender's")
