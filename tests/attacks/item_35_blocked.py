# SPDX-License-Identifier: Apache-2.0
# Item 35: ways around a block (XEP-0191) and around privacy lists (XEP-0016): other spellings and devices of either side,
# invitations, copies, probes, messages for later. Whoever is blocked reaches no device, sees nothing, and is answered as by
# somebody who is not there. What joins later: rooms, events of pubsub.
from kit import expect
from people import (BLOCKLIST, CARBONS, VCARD, befriend, block, body_of, contacts, kept, notes, outcome,
                    privacy_list, told, vcard)
from xmpptest.waiting import eventually

CONFIG = "people"
ENABLE = f"<enable xmlns='{CARBONS}'/>"
INVITATIONS = ("<x xmlns='jabber:x:conference' jid='room@localhost'/>",
               "<x xmlns='http://jabber.org/protocol/muc#user'><invite from='friend@localhost'/></x>")


def condition_of(message):
    return message.child("error").children[0].local if message.child("error") else None


def answers(client, sent):
    """How each of so many messages was answered: the condition, or nothing."""
    found = told(client, within=0 if sent else 0.05)
    eventually(lambda: found.extend(told(client)) or len(found) >= sent, every=0.05)
    return [condition_of(message) for message in found]


def messages(victim_devices, mallory, blocked):
    """To all of the victim's addresses, of all types: none arrives; who asked for something hears what a nobody answers."""
    bare, phone = victim_devices[0].bare, victim_devices[0].jid
    for to in bare, phone, f"{bare}/none", bare.upper(), f"{bare}/{'x' * 500}":
        for kind, refused in ("chat", 1), ("normal", 1), ("headline", 0), ("error", 0):
            for content in ("<body>m</body>", *INVITATIONS, "<received xmlns='urn:xmpp:receipts' id='1'/>"):
                mallory.send(f"<message to='{to}' type='{kind}'>{content}</message>")
            heard = answers(mallory, 4 * refused)
            expect(heard == ["service-unavailable"] * 4 * refused, f"{blocked}: {kind} to {to} is answered with {heard}")
    for device in victim_devices:
        heard = told(device)
        expect(not heard, f"{blocked}: a blocked message arrives: {[m.show() for m in heard[:2]]}")


def requests(victim_devices, mallory, blocked):
    for to in (*(d.jid for d in victim_devices), f"{victim_devices[0].bare}/none", victim_devices[0].bare):
        for payload in (VCARD, "<ping xmlns='urn:xmpp:ping'/>", notes(),
                        "<query xmlns='http://jabber.org/protocol/disco#info'/>"):
            heard = outcome(mallory, "get", payload, to)
            expect(heard == "service-unavailable", f"{blocked}: {payload} to {to} is answered with {heard}")
    for device in victim_devices:
        for kind in "result", "error":
            mallory.send(f"<iq type='{kind}' id='x' to='{device.jid}'/>")
    mallory.is_alive()
    for device in victim_devices:
        expect(not told(device, "iq"), f"{blocked}: no request and no answer arrives")


def presence(victim_devices, mallory, blocked):
    bare = victim_devices[0].bare
    for device in victim_devices:
        told(device, "presence")
    for kind in ("", "type='unavailable'", "type='subscribe'", "type='subscribed'", "type='unsubscribe'", "type='unsubscribed'",
                 "type='probe'", "type='error'"):
        for to in bare, *(device.jid for device in victim_devices):
            mallory.send(f"<presence {kind} to='{to}'/>")
    heard = told(mallory, "presence", within=0.3)
    expect(not heard, f"{blocked}: who is blocked hears {[p.show() for p in heard[:2]]}")
    for device in victim_devices:
        expect(not told(device, "presence"), f"{blocked}: no presence of his arrives")


def victims_own(victim, mallory):
    """What the victim sends there does not leave (XEP-0191 §3.3), and he is told."""
    for stanza in (f"<message to='{mallory.jid}' type='chat'><body>m</body></message>", f"<presence to='{mallory.jid}'/>",
                   f"<iq type='get' id='v' to='{mallory.jid}'>{VCARD}</iq>"):
        victim.send(stanza)
        answer = victim.stanza(stanza[1:].split()[0])
        error = answer.child("error")
        expect(error and error.child("not-acceptable") and error.child("blocked"), f"{stanza} is answered with {answer.show()}")
    for kind in "message", "presence", "iq":
        expect(not told(mallory, kind), f"and no {kind} arrives")


def blocked_friend(house):
    """A friend who is blocked sees the victim go, and is still blocked from each of his devices, and after a new login."""
    account, mallory_account = house.account("victim"), house.account("mallory")
    phone, mallory = house.member(account, "phone"), house.member(mallory_account, "one")
    befriend(phone, mallory)
    desk = house.member(account, "desk")
    other = house.member(mallory_account, "two")
    expect(outcome(phone, "set", vcard("Victim")) == "result", "the victim has a vCard")
    for device in phone, desk:
        expect(outcome(device, "set", ENABLE) == "result", "carbons are on")
    told(mallory, "presence", within=0.3)
    expect(outcome(phone, "set", block(mallory.bare)) == "result", "mallory is blocked")
    gone = set()
    while gone != {phone.jid, desk.jid}:
        heard = mallory.stanza("presence")  # both go, and none comes back; that they came may be told late
        expect(heard.attributes["from"] not in gone, f"who is blocked sees {heard.show()}")
        gone |= {heard.attributes["from"]} if heard.attributes.get("type") == "unavailable" else set()
    for device in phone, desk:
        told(device, "presence")
    for attacker in mallory, other, house.member(mallory_account, "three"):
        told(attacker, "presence", within=0.3)
        messages([phone, desk], attacker, "a friend")
        requests([phone, desk], attacker, "a friend")
        presence([phone, desk], attacker, "a friend")
    third = house.member(account, "tablet")
    third.send("<presence><show>away</show></presence>")
    third.close()
    heard = told(mallory, "presence", within=0.3)
    expect(not [p for p in heard if p.attributes["from"].startswith("victim")], "a device that comes and goes is not seen")
    victims_own(phone, mallory)
    messages([phone, desk], mallory, "a friend, after the victim tried to write")
    expect(contacts(phone)[mallory.bare] == "both", "the block is none of the roster's business")

    # In the victim's absence: nothing is kept, no request is noted.
    phone.close()
    desk.close()
    write = f"<message to='{phone.bare}' type='chat'><body>while away</body></message>"
    mallory.send(write)
    mallory.send(f"<presence type='subscribe' to='{phone.bare}'/>")
    expect(answers(mallory, 1) == ["service-unavailable"], "a blocked message is not kept for later")
    requests_of_absent = [outcome(mallory, "get", payload, phone.bare) for payload in (VCARD, notes())]
    expect(set(requests_of_absent) == {"service-unavailable"}, f"an absent one answers {requests_of_absent}")
    phone = house.member(account, "phone")
    expect(not told(phone) and not [p for p in told(phone, "presence") if p.attributes["from"].startswith("mallory")],
           "nor heard later")
    # Until it is taken back.
    expect(outcome(phone, "set", f"<unblock xmlns='urn:xmpp:blocking'><item jid='{mallory.bare}'/></unblock>") == "result",
           "unblocked")
    mallory.send(write)
    expect(body_of(phone.stanza("message")) == "while away", "who is unblocked is heard")


def blocked_domain(house):
    """A domain, and a full address: the block is as wide as it was meant to be."""
    victim, foreigner = house.member(wish="victim"), house.member(wish="foreigner", host="other.test")
    mallory_account = house.account("mallory")
    one, two = house.member(mallory_account, "one"), house.member(mallory_account, "two")
    expect(outcome(victim, "set", block("other.test", one.jid)) == "result", "blocked are a domain and one device")
    messages([victim], foreigner, "a domain's user")
    requests([victim], foreigner, "a domain's user")
    presence([victim], foreigner, "a domain's user")
    messages([victim], one, "a device")
    two.send(f"<message to='{victim.bare}' type='chat'><body>two</body></message>")
    expect(body_of(victim.stanza("message")) == "two", "another device is not meant")
    # In the name of somebody blocked: an invitation that says it comes from him.
    two.send(f"<message to='{victim.bare}'><x xmlns='http://jabber.org/protocol/muc#user'>"
             f"<invite from='{foreigner.jid}'/></x></message>")
    expect(answers(two, 1) == ["service-unavailable"] and not told(victim), "an invitation of somebody blocked does not arrive")
    for who in one, two, foreigner:
        expect(outcome(who, "get", BLOCKLIST, victim.bare) == "service-unavailable", "who is blocked is not told so")


def other_devices(house):
    """A device with a privacy list of its own gets no copy of what the list keeps away, though another device gets it."""
    account = house.account("victim")
    open_one, shut = house.member(account, "open"), house.member(account, "shut")
    mallory = house.member(wish="mallory")
    for device in open_one, shut:
        expect(outcome(device, "set", ENABLE) == "result", "carbons are on")
    item = f"<item type='jid' value='{mallory.bare}' action='deny' order='1'/>"
    expect(outcome(shut, "set", privacy_list("shut", item)) == "result", "a list is written")
    expect(outcome(shut, "set", "<query xmlns='jabber:iq:privacy'><active name='shut'/></query>") == "result",
           "and active here")
    for to in open_one.jid, open_one.bare:
        mallory.send(f"<message to='{to}' type='chat'><body>m</body></message>")
        expect(body_of(open_one.stanza("message")) == "m", "the one device hears it")
    expect(mallory.is_alive() and not told(shut), "the other neither the message nor a copy")
    mallory.send(f"<message to='{shut.jid}' type='chat'><body>direct</body></message>")
    expect(answers(mallory, 1) == ["service-unavailable"], "a message to the device that is shut is refused")
    expect(not told(shut) and not told(open_one), "and copied to none")
    open_one.send(f"<message to='{mallory.jid}' type='chat'><body>answer</body></message>")
    expect(body_of(mallory.stanza("message")) == "answer", "the other device talks on")
    expect(mallory.bare in kept(shut, "<query xmlns='jabber:iq:privacy'><list name='shut'/></query>"), "the list is there")


def attack(house):
    blocked_friend(house)
    blocked_domain(house)
    other_devices(house)
