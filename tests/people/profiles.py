# SPDX-License-Identifier: Apache-2.0
# What people keep with their account and show of themselves: vCards, avatars, private data.
import hashlib

from slixmpp import Iq
from slixmpp.exceptions import IqError
from slixmpp.xmlstream import ET
from xmpptest.runner import expect, test

PIXEL = bytes.fromhex("89504e470d0a1a0a0000000d494844520000000100000001080600000"
                      "01f15c4890000000d49444154789c626001000000ffff03000006000557bfabd40000000049454e44ae426082")


@test("a vCard is kept and shown to others")
def test_vcard(town):
    alice, bob = town.newcomer("alice").comes_online(), town.newcomer("bob").comes_online()
    card = alice.client["xep_0054"].make_vcard()
    card["FN"], card["NICKNAME"] = "Alice Liddell", "Al"
    alice.asks(lambda: alice.client["xep_0054"].publish_vcard(card))
    seen = bob.asks(lambda: bob.client["xep_0054"].get_vcard(alice.bare))
    expect(seen["vcard_temp"]["FN"] == "Alice Liddell", seen)


@test("nobody changes the vCard of somebody else")
def test_foreign_vcard(town):
    alice, eve = town.newcomer("alice").comes_online(), town.newcomer("eve").comes_online()
    card = eve.client["xep_0054"].make_vcard()
    card["FN"] = "Mallory"
    try:
        eve.asks(lambda: eve.client["xep_0054"].publish_vcard(card, jid=alice.bare))
    except IqError as refused:
        expect(refused.condition in ("not-allowed", "forbidden", "service-unavailable"), refused)
        return
    expect(False, "it was let through")


@test("an avatar in the vCard is announced in presence")
def test_avatar(town):
    alice, bob = town.friends()
    # slixmpp wants a vCard to put it in.
    alice.asks(lambda: alice.client["xep_0054"].publish_vcard(alice.client["xep_0054"].make_vcard()))
    alice.asks(lambda: alice.client["xep_0153"].set_avatar(jid=alice.bare, avatar=PIXEL, mtype="image/png"))
    wanted = hashlib.sha1(PIXEL).hexdigest()
    bob.hears("presence", lambda p: p["from"] == alice.full and p["vcard_temp_update"]["photo"] == wanted)


@test("private data are kept for their owner alone")
def test_private(town):
    alice, eve = town.newcomer("alice").comes_online(), town.newcomer("eve").comes_online()

    def request(person, kind, to=None, note=None):
        iq = person.client.make_iq(ito=to, itype=kind)
        query = ET.SubElement(iq.xml, "{jabber:iq:private}query")
        notes = ET.SubElement(query, "{urn:example:notes}notes")
        notes.text = note
        return person.asks(iq.send)

    request(alice, "set", note="milk")
    answer: Iq = request(alice, "get")
    expect("milk" in str(answer), answer)
    try:
        request(eve, "get", to=alice.bare)
    except IqError as refused:
        expect("milk" not in str(refused.iq), refused)
        return
    expect(False, "it was let through")
