# SPDX-License-Identifier: Apache-2.0
# Item 30: the outsider, the one who asked and was not answered, a friend, the blocked, the user of another domain and the
# one who has the same name there: they read and change nothing of anybody else, but vCards, which are for all; and they
# learn from the answer neither who exists nor who is online. What joins later: archives, upload slots, pubsub.
from kit import expect
from people import (BLOCKLIST, CARBONS, PRIVACY, ROSTER, VCARD, befriend, block, body_of, contacts, kept, notes, outcome,
                    privacy_list, told, vcard)

CONFIG = "people"
ITEM = "<item jid='mallory@other.test' subscription='both'/>"
DENY = "<item type='jid' value='friend@localhost' action='deny' order='1'/>"
LIST = "<query xmlns='jabber:iq:privacy'><list name='mine'/></query>"
NO_NOTES = "<notes xmlns=\"urn:example:notes\"/>"
NONE = ("service-unavailable",)
# What is asked of an account by others, and how it is refused: XEP-0049 §4 and RFC 6121 §2.1.5 say forbidden.
READS = {"a roster": (ROSTER, ("forbidden",)), "private data": (notes(), ("forbidden",)),
         "blocked addresses": (BLOCKLIST, NONE),
         "names of privacy lists": (PRIVACY, NONE), "a privacy list": (LIST, NONE),
         "devices": ("<query xmlns='http://jabber.org/protocol/disco#items'/>", NONE),
         "commands": ("<query xmlns='http://jabber.org/protocol/disco#items' node='http://jabber.org/protocol/commands'/>",
                      NONE),
         "kept messages": ("<offline xmlns='http://jabber.org/protocol/offline'><fetch/></offline>", NONE),
         "a registration": ("<query xmlns='jabber:iq:register'/>", NONE)}
WRITES = {"a contact": (f"<query xmlns='jabber:iq:roster'>{ITEM}</query>", ("forbidden",)),
          "private data": (notes("forged"), ("forbidden",)),
          "a vCard": (vcard("Forged"), ("not-allowed",)),  # XEP-0054 §3.2
          "a block": (block("friend@localhost"), NONE), "all blocks": ("<unblock xmlns='urn:xmpp:blocking'/>", NONE),
          "a privacy list": (privacy_list("mine", DENY), NONE), "the removal of a list": (privacy_list("mine"), NONE),
          "an active list": ("<query xmlns='jabber:iq:privacy'><active name='mine'/></query>", NONE),
          "a default list": ("<query xmlns='jabber:iq:privacy'><default/></query>", NONE),
          "copies": (f"<enable xmlns='{CARBONS}'/>", NONE), "no copies": (f"<disable xmlns='{CARBONS}'/>", NONE),
          "a removal": ("<query xmlns='jabber:iq:register'><remove/></query>", NONE),
          "a command": ("<command xmlns='http://jabber.org/protocol/commands' "
                       "node='http://jabber.org/protocol/admin#delete-user'/>", NONE)}
EVERYTHING = [("get", what, *case) for what, case in READS.items()] + [("set", what, *case) for what, case in WRITES.items()]


def furnish(victim, friend):
    """Gives an account something of each kind."""
    befriend(victim, friend)
    for payload in (notes("secret"), vcard("Victim"), block("enemy@localhost"),
                    privacy_list("mine", DENY.replace("friend", "foe"))):
        expect(outcome(victim, "set", payload) == "result", f"{payload} is kept")


def all_of(owner):
    """Whatever is kept of an account, as its owner sees it."""
    return {"roster": contacts(owner), **{what: kept(owner, what) for what in (notes(), VCARD, BLOCKLIST, PRIVACY, LIST)}}


def outsiders(house, victim, away):
    """Each kind of them is answered with the same, whoever is asked."""
    asker = house.member(wish="asker")
    asker.send(f"<presence type='subscribe' to='{victim.bare}'/>")
    asker.is_alive()
    blocked = house.member(wish="blocked")
    expect(outcome(victim, "set", block(blocked.bare)) == "result", "somebody is blocked")
    yield "the outsider", house.member(wish="outsider"), (victim.bare, away, "nobody@localhost", "nobody@other.test")
    yield "who asked", asker, (victim.bare, away, "nobody@localhost", "nobody@other.test")
    yield "another domain's user", house.member(wish="foreigner", host="other.test"), (
        victim.bare, away, "nobody@localhost", "nobody@other.test")
    yield "the blocked", blocked, (victim.bare,)


def refused_to(who, client, addresses):
    for kind, what, payload, wanted in EVERYTHING:
        wanted = NONE if who == "the blocked" else wanted  # XEP-0191 §3.3: he hears of nothing
        for to in addresses:
            heard = outcome(client, kind, payload, to)
            expect(heard in wanted, f"{who}: {kind} {what} of {to}: {heard}, not {wanted}")
    expect(outcome(client, "set", EVERYTHING[-1][2], "localhost") != "result", f"{who}: commands are for administrators")
    for to in f"{addresses[0]}/none", "nobody@localhost/none":
        for kind, what, payload, _ in EVERYTHING:
            expect(outcome(client, kind, payload, to) == "service-unavailable", f"{who}: {kind} {what} of {to}")


def friends(victim, friend):
    """A friend sees presence and may see devices; the rest is no more his than anybody's."""
    for kind, what, payload, wanted in EVERYTHING:
        if "disco" in payload:
            continue
        heard = outcome(friend, kind, payload, victim.bare)
        expect(heard in wanted, f"a friend: {kind} {what}: {heard}, not {wanted}")


def of_the_server(outsider):
    """The server itself has a vCard and features, and no lists."""
    for what, (payload, _) in READS.items():
        if "disco" not in payload and "register" not in payload:
            expect(outcome(outsider, "get", payload, "localhost") != "result", f"{what} of the server")
            expect(outcome(outsider, "get", payload, "other.test") != "result", f"{what} of the other server")
    for what, (payload, _) in WRITES.items():
        if "remove" not in payload:
            expect(outcome(outsider, "set", payload, "localhost") != "result", f"{what} for the server")


def twins(house, victim, friend):
    """The same name in another domain is another account: nothing of the one is the other's, in neither direction."""
    name = victim.account[0]
    client = house.stranger(opened=True, host="other.test")
    client.register(name, "secret")
    client.drop()
    friend.send(f"<message to='{name}@other.test' type='chat'><body>for the twin</body></message>")
    friend.is_alive()
    before = all_of(victim)
    twin = house.member((name, "secret"), host="other.test")
    expect(body_of(twin.stanza("message")) == "for the twin", "what waits for the twin is for him")
    expect(all_of(twin) == {"roster": {}, notes(): NO_NOTES, VCARD: "item-not-found", BLOCKLIST: "", PRIVACY: "",
                            LIST: "item-not-found"},
           f"the twin begins with nothing: {all_of(twin)}")
    for payload in notes("twin"), vcard("Twin"), block(friend.bare), privacy_list("mine", DENY):
        expect(outcome(twin, "set", payload) == "result", "the twin keeps something")
    twin.send(f"<presence type='subscribe' to='{friend.bare}'/><presence type='unsubscribed' to='{friend.bare}'/>")
    twin.is_alive()
    expect(all_of(victim) == before, "which is not the other's")
    expect(contacts(friend)[victim.bare] == "both" and outcome(friend, "get", VCARD, victim.bare) == "result",
           "nor matters to friends")
    twin.ask("set", "<query xmlns='jabber:iq:register'><remove/></query>")
    expect(all_of(victim) == before and victim.is_alive(), "nor does it go with him")


def attack(house):
    victim, friend, away = house.member(wish="victim"), house.member(wish="friend"), house.member(wish="away")
    furnish(victim, friend)
    furnish(away, friend)
    away.close()
    told(friend, "presence")
    for who, client, addresses in outsiders(house, victim, away.bare):
        before = all_of(victim)
        refused_to(who, client, addresses)
        expect(all_of(victim) == before, f"{who} has changed something")
        client.drop()
    outsider = house.member(wish="outsider")
    of_the_server(outsider)
    friends(victim, friend)
    expect(kept(outsider, VCARD, victim.bare) == kept(victim, VCARD), "a vCard is for all")
    # Who does not exist and who has none cannot be told apart (XEP-0054 §3.3).
    for to in outsider.bare, f"{house.account('plain')[0]}@localhost", "nobody@localhost":
        expect(outcome(friend, "get", VCARD, to) == "service-unavailable", f"the vCard of {to}")
    # What looks like a push of one's own server comes from who sent it, in full.
    outsider.send(f"<iq type='set' id='push' to='{victim.jid}'><query xmlns='jabber:iq:roster'>{ITEM}</query></iq>")
    expect(victim.stanza("iq").attributes["from"] == outsider.jid, "a forged push is its sender's")
    victim.send(f"<iq type='result' id='push' to='{outsider.jid}'/>")
    twins(house, victim, friend)
    away = house.member(away.account)
    expect(contacts(away) == {friend.bare: "both"} and "secret" in kept(away, notes()), "who was away finds all as it was")
