# SPDX-License-Identifier: Apache-2.0
# Item 27, as far as several devices are concerned: what looks like a carbon, a roster push, an archive's result or an
# answer of the server arrives as what it is, from who sent it, and is not multiplied; hints that suppress copies count only
# where their XEPs put them; ids of stanzas are the server's, one per message.
from kit import expect
from people import CARBONS, VCARD, body_of, kept, outcome, told, vcard

CONFIG = "people"
ENABLE = f"<enable xmlns='{CARBONS}'/>"


def forwarded(by, what="fired"):
    return (f"<forwarded xmlns='urn:xmpp:forward:0'><message xmlns='jabber:client' type='chat' from='{by}'>"
            f"<body>{what}</body></message></forwarded>")


def forged_copies(phone, desk, mallory):
    """XEP-0280 §11: a copy that does not come from the own bare address is none. So nobody else can send from it."""
    for number, (direction, sender) in enumerate((d, s) for d in ("received", "sent") for s in ("boss@localhost", phone.bare)):
        for kind in "chat", "normal", "headline", "groupchat":
            name = f"{number}{kind}"
            content = f"<{direction} xmlns='{CARBONS}'>{forwarded(sender)}</{direction}><body>{name}</body>"
            mallory.send(f"<message to='{phone.jid}' type='{kind}'>{content}</message>")
            got = phone.stanza("message")
            expect(got.attributes["from"] == mallory.jid and body_of(got) == name, f"a forged carbon is {got.show()}")
    expect(mallory.is_alive() and not told(desk), "a forged copy is not copied")
    result = f"<result xmlns='urn:xmpp:mam:2' id='1' queryid='q'>{forwarded('boss@localhost')}</result>"
    mallory.send(f"<message to='{phone.jid}'>{result}</message>")
    expect(phone.stanza("message").attributes["from"] == mallory.jid, "a forged result of an archive is its sender's")
    for device in phone, desk:
        expect(outcome(mallory, "set", ENABLE, device.bare) == "service-unavailable", "nobody gets copies of others' messages")
    phone.send(f"<message to='{mallory.jid}' type='chat'><body>answer</body></message>")
    expect([body_of(m) for m in told_until(mallory, 1)] == ["answer"], "who asked for others' copies gets none")
    expect(desk.stanza("message").child("sent", CARBONS) is not None, "the own device does")


def told_until(client, count):
    return [client.stanza("message") for _ in range(count)] + told(client)


def hints(phone, desk, mallory):
    """A hint counts as a child of the message, in its namespace, and for nothing but the copy."""
    without = [f"<private xmlns='{CARBONS}'/>", "<no-copy xmlns='urn:xmpp:hints'/>"]
    nested = [f"<x xmlns='a:b'>{hint}</x>" for hint in without]
    nested += [f"<body xml:lang='de'>{hint}</body>" for hint in without]
    nested += ["<private xmlns='urn:xmpp:carbons'/>", "<private/>", "<no-copy xmlns='urn:xmpp:hint'/>", "<no-copy/>",
               f"<no-copy xmlns='{CARBONS}'/>", "<private xmlns='urn:xmpp:hints'/>", "<PRIVATE xmlns='urn:xmpp:carbons:2'/>"]
    for content, copies in [(hint, 0) for hint in without] + [(child, 1) for child in nested]:
        mallory.send(f"<message to='{phone.jid}' type='chat'><body>m</body>{content}</message>")
        expect(phone.stanza("message").attributes["from"] == mallory.jid, f"a message with {content} arrives")
        mallory.is_alive()
        got = told(desk)
        expect(len(got) == copies, f"with {content} there are {len(got)} copies, not {copies}")
        expect(all(m.attributes["from"] == desk.bare for m in got), "and a copy is the own account's")


def stanza_ids(phone, mallory):
    """XEP-0359 §5: whoever names an account of this server as the one who gave the id is not believed."""
    seen = set()
    for who in phone.bare, phone.jid, "localhost", mallory.bare, phone.bare.upper(), f"{phone.bare}/":
        forged = f"<stanza-id xmlns='urn:xmpp:sid:0' by='{who}' id='forged'/>" * 3
        for kind in "chat", "normal":
            mallory.send(f"<message to='{phone.bare}' type='{kind}'><body>m</body>{forged}</message>")
            ids = [child.attributes for child in phone.stanza("message").children if child.local == "stanza-id"]
            expect(len(ids) <= 1 and all(i["by"] == phone.bare and i["id"] != "forged" for i in ids), f"by {who}: {ids}")
            expect(not seen & {i["id"] for i in ids}, "an id is given once")
            seen |= {i["id"] for i in ids}
    expect(seen, "and ids are given")


def forged_answers(phone, desk, mallory):
    """An answer belongs to whom it was asked of: not to a device of the same account, and to no stranger."""
    expect(outcome(phone, "set", vcard("Phone")) == "result", "the vCard is set")
    phone.send(f"<iq type='get' id='guess' to='{mallory.jid}'><ping xmlns='urn:xmpp:ping'/></iq>")
    asked = mallory.stanza("iq")
    expect(asked.attributes["id"] == "guess", "a request arrives")
    for forger in desk, mallory:
        for to in "localhost", phone.bare, mallory.bare:
            for kind in "result", "error":
                forger.send(f"<iq type='{kind}' id='guess' to='{to}'>"
                    "<query xmlns='jabber:iq:roster'><item jid='x@y'/></query></iq>")
    expect(desk.is_alive() and mallory.is_alive(), "answers to nobody end nothing")
    expect(not told(phone, "iq"), "and are nobody's")
    mallory.send(f"<iq type='result' id='guess' to='{phone.jid}'/>")
    expect(phone.stanza("iq").attributes["from"] == mallory.jid, "a true answer is its sender's")
    push = "<query xmlns='jabber:iq:roster'><item jid='evil@localhost' subscription='both'/></query>"
    mallory.send(f"<iq type='set' id='push' to='{phone.jid}'>{push}</iq>")
    got = phone.stanza("iq")
    expect(got.attributes["from"] == mallory.jid, f"a forged push is its sender's: {got.show()}")
    expect("Phone" in kept(phone, VCARD), "and nothing has changed")


def attack(house):
    victim = house.account("victim")
    phone, desk, mallory = house.member(victim, "phone"), house.member(victim, "desk"), house.member(wish="mallory")
    for device in phone, desk:
        expect(outcome(device, "set", ENABLE) == "result", "carbons are on")
    forged_copies(phone, desk, mallory)
    hints(phone, desk, mallory)
    forged_answers(phone, desk, mallory)
    desk.close()
    stanza_ids(phone, mallory)
