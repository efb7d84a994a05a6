# SPDX-License-Identifier: Apache-2.0
# Item 37: vCards that are too large, that are no vCards, with photos that are no base64, in masses; and who asks for large
# ones without reading them. What is refused changes nothing, and nothing large is multiplied.
import base64
import hashlib

from kit import MB, expect
from people import VCARD, kept, outcome, vcard

CONFIG = "people"


def photo(binval):
    return f"<PHOTO><TYPE>image/png</TYPE><BINVAL>{binval}</BINVAL></PHOTO>"


def refused(owner):
    cases = [("150 KB of text", vcard("x" * 150000), "policy-violation"),
             ("a photo of 150 KB", vcard("x", photo("A" * 150000)), "policy-violation"),
             ("a thousand photos", vcard("x", photo("A" * 120) * 1000), "policy-violation"),
             ("text that can be searched, of 2 KB", vcard("x" * 2000), "bad-request")]
    cases += [(f"a photo {binval[:20]!r}", vcard("x", photo(binval)), "bad-request")
              for binval in ("!", "AAA", "A===", "====", "AA=A", "AAAA=", "A-_A", "QUJD*", "&lt;svg/&gt;",
                             "data:image/png;base64,QUJD",
                             "QUJD\u00a0", "\u0410\u0410\u0410\u0410")]
    for name, card, wanted in cases:
        heard = outcome(owner, "set", card)
        expect(heard == wanted, f"{name}: {heard}, not {wanted}")
        expect("Owner" in kept(owner, VCARD), f"{name}: nothing has changed")


def odd_ones(owner, other):
    """Allowed, and harmless: they come back as they are."""
    for name, more in (("white space in a photo", photo(" QU\n JD\t")), ("an empty photo", photo("")), ("no photo", "<PHOTO/>"),
                       ("a photo elsewhere", "<PHOTO><EXTVAL>http://127.0.0.1:1/x</EXTVAL></PHOTO>"),
                       ("elements in a photo", photo("<a xmlns='b'/>QUJD")), ("photos in photos", photo(photo("QUJD"))),
                       ("very many elements", "<A/>" * 5000), ("depth", "<A>" * 20 + "</A>" * 20),
                       ("SQL", "<NICKNAME>'; DROP TABLE vcard; --</NICKNAME>"),
                       ("another namespace", "<x xmlns='jabber:client'/>"), ("a photo of 90 KB", photo("QUJD" * 22000))):
        heard = outcome(owner, "set", vcard("Owner", more))
        expect(heard in ("result", "bad-request"), f"{name}: {heard}")
        expect("Owner" in kept(owner, VCARD) and "Owner" in kept(other, VCARD, owner.bare), f"{name}: it is there for all")
    for payload in ("<vCard xmlns='vcard-temp'><vCard/></vCard>", "<VCARD xmlns='vcard-temp'/>", "<x xmlns='vcard-temp'/>"):
        expect(outcome(owner, "set", payload) in ("result", "bad-request"), f"{payload} harms nobody")
        expect(owner.is_alive(), f"{payload} ends no session")


def avatars(owner):
    """XEP-0153: the hash is that of the picture, whatever the client says of it."""
    image = bytes(range(256)) * 50
    digest = hashlib.sha1(image).hexdigest()
    expect(outcome(owner, "set", vcard("Owner", photo(base64.b64encode(image).decode()))) == "result", "a photo is set")
    for said in "0" * 40, "x" * 5000, digest.upper(), "&lt;a/&gt;", digest:
        owner.send(f"<presence><x xmlns='vcard-temp:x:update'><photo>{said}</photo></x></presence>")
        updates = [c for c in owner.stanza("presence").children if c.namespace == "vcard-temp:x:update"]
        hashes = [u.child("photo").text.lower() for u in updates]
        expect(hashes == [digest], f"who says {said[:10]} is heard to say {hashes}")


def bombs(house, owner):
    """The largest that is taken, again and again; and asked for by somebody who does not read."""
    large = vcard("Owner", photo("QUJD" * 30000))
    with house.bounded("large vCards, one after the other", memory=24 * MB, seconds=60):
        for _ in range(60):
            expect(outcome(owner, "set", large) == "result", "the largest is taken")
    reader = house.member(wish="greedy")
    with house.bounded("a flood of questions", memory=32 * MB, seconds=60, peak=64 * MB):
        reader.send(f"<iq type='get' id='g' to='{owner.bare}'>{VCARD}</iq>" * 80)  # 10 MB, were they answered all
        for _ in range(20):
            expect(owner.is_alive(), "whose vCard it is does not notice")
        reader.drop()
    for name, more in ("400 KB", photo("QUJD" * 100000)), ("more elements than a stanza may have", "<A/>" * 60000):
        bomber = house.member(wish="bomber")
        bomber.send(f"<iq type='set' id='b'>{vcard('x', more)}</iq>")
        expect(bomber.verdict() == "policy-violation", f"a vCard with {name} ends its stream")
    expect("Owner" in kept(owner, VCARD), "and the vCard is still there")


def searches(mallory):
    """What is found has a bound, however it is asked for."""
    def search(fields):
        form = "".join(f"<field var='{var}'><value>{value}</value></field>" for var, value in fields)
        return f"<query xmlns='jabber:iq:search'><x xmlns='jabber:x:data' type='submit'>{form}</x></query>"
    for fields in ([], [("fn", "*")], [("fn", "%")], [("fn", "_" * 1000)], [("fn", "*" * 1000)], [("nick", "a" * 100000)],
                   [("fn", "x")] * 1000, [("user", "' OR 1=1 --")], [("x" * 1000, "*")]):
        try:
            answer = mallory.ask("set", search(fields), "vjud.localhost")
        except Exception as refusal:  # noqa: BLE001: refused in the protocol's words
            expect(hasattr(refusal, "condition"), f"a search is refused: {refusal}")
            continue
        expect(answer.show().count("<item>") <= 30, "a search finds thirty at most")


def attack(house):
    owner, other = house.member(wish="owner"), house.member(wish="other")
    expect(outcome(owner, "set", vcard("Owner")) == "result", "a vCard is set")
    refused(owner)
    odd_ones(owner, other)
    avatars(owner)
    for number in range(35):
        crowd = house.member(wish="crowd", available=False)
        expect(outcome(crowd, "set", vcard(f"Crowd {number}")) == "result", "many have vCards")
        crowd.drop()
    searches(other)
    bombs(house, owner)
