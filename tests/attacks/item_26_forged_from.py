# SPDX-License-Identifier: Apache-2.0
# Item 26: `from` on every kind of stanza (RFC 6120 §8.1.2.1): somebody else's, the server's, an own address in odd
# spelling, hidden in another namespace; a forged `from` in what is forwarded is not touched, and the envelope is true.
from kit import expect

KINDS = {
    "message": "<message{} to='{}' type='chat'><body>x</body></message>",
    "headline": "<message{} to='{}' type='headline'><body>x</body></message>",
    "error": "<message{} to='{}' type='error'><body>x</body></message>",
    "presence": "<presence{} to='{}'/>", "unavailable": "<presence{} to='{}' type='unavailable'/>",
    "subscription": "<presence{} to='{}' type='subscribe'/>", "probe": "<presence{} to='{}' type='probe'/>",
    "get": "<iq{} to='{}' type='get' id='i'><ping xmlns='urn:xmpp:ping'/></iq>",
    "set": "<iq{} to='{}' type='set' id='i'><query xmlns='jabber:iq:roster'><item jid='m@x'/></query></iq>",
    "result": "<iq{} to='{}' type='result' id='i'/>",
}
SEEN = ("message", "headline", "error", "presence", "unavailable", "get", "set", "result")


def attack(house):
    victim, account = house.member(wish="victim"), house.account()
    mallory = house.member(account, resource="m", available=False)
    foreign = [victim.jid, victim.bare, "localhost", "other.test", f"{account[0]}@other.test", f"{mallory.bare}/other",
               f"x{mallory.jid}", f"{mallory.jid}x", "", "@", "/", f"{mallory.bare}/", f"{mallory.jid} ", f" {mallory.bare}",
               "conference.localhost/nick", "a@b@c", "x" * 4000]
    for kind, frame in KINDS.items():
        for sender in foreign if kind in ("message", "get") else foreign[:4]:
            mallory = house.member(account, resource="m", available=False)
            mallory.send(frame.format(f" from='{sender}'", victim.jid))
            heard = mallory.verdict()
            expect(heard == "invalid-from", f"a {kind} from {sender[:60]!r} ends with {heard}")
            mallory.drop()
    heard = victim.hears_nothing_but(within=0.1)
    expect(not heard, f"nothing forged arrives: {heard}")

    # One's own address may be named, and the truth is stamped in full.
    mallory = house.member(account, resource="m", available=False)
    for kind in SEEN:
        for own in "", f" from='{mallory.jid}'", f" from='{mallory.bare}'", f" from='{mallory.bare.upper()}'":
            mallory.send(KINDS[kind].format(own, victim.jid))
            got = victim.stanza("message", "presence", "iq")
            expect(got.attributes.get("from") == mallory.jid, f"a {kind} with{own} arrives from {got.attributes.get('from')}")
    for inside in (f" xmlns:f='urn:f' f:from='{victim.jid}'", f" xml:from='{victim.jid}'", f" From='{victim.jid}'"):
        mallory.send(KINDS["message"].format(inside, victim.jid))
        expect(victim.stanza("message").attributes["from"] == mallory.jid, f"{inside} is no sender")

    # What is forwarded may say what it likes; who says so is known (XEP-0297 §4, XEP-0280 §11, XEP-0313).
    forgeries = [
        "<received xmlns='urn:xmpp:carbons:2'><forwarded xmlns='urn:xmpp:forward:0'><message xmlns='jabber:client' from='{0}' "
        "to='{1}'><body>x</body></message></forwarded></received>",
        "<result xmlns='urn:xmpp:mam:2' id='1'><forwarded xmlns='urn:xmpp:forward:0'><message xmlns='jabber:client' from='{0}'>"
        "<body>x</body></message></forwarded></result>",
        "<event xmlns='http://jabber.org/protocol/pubsub#event'><items node='x'/></event>"]
    for forged in forgeries:
        for sender in "", f" from='{mallory.bare}'":
            mallory.send(f"<message{sender} to='{victim.jid}' type='chat'>"
                     f"{forged.format('king@localhost', victim.bare)}</message>")
            got = victim.stanza("message")
            expect(got.attributes["from"] == mallory.jid, "a forged carbon, archive result or event comes from who sent it")
            expect(got.attributes["from"] not in (victim.bare, "localhost"), "and not from where clients believe it")
