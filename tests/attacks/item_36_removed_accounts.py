# SPDX-License-Identifier: Apache-2.0
# Item 36, as far as the end of an account goes: all that was kept of it is gone with it, also what its devices say and what
# others send while it goes; no device outlives it; and who gets the name next begins with nothing, in nobody's roster.
import threading

from kit import Problem, Refused, expect
from people import (BLOCKLIST, PRIVACY, VCARD, befriend, block, body_of, contacts, kept, notes, outcome,
                    privacy_list, told, vcard)
from xmpptest.waiting import eventually

CONFIG = "people"
REMOVE = "<query xmlns='jabber:iq:register'><remove/></query>"
DENY = "<item type='jid' value='foe@localhost' action='deny' order='1'/>"
NOTHING = {"roster": {}, "notes": "<notes xmlns=\"urn:example:notes\"/>", "vCard": "item-not-found", "blocked": "", "lists": "",
           "a list": "item-not-found"}
THINGS = (notes("old"), vcard("Old"), block("foe@localhost"), privacy_list("mine", DENY),
          "<query xmlns='jabber:iq:privacy'><default name='mine'/></query>",
          "<query xmlns='jabber:iq:roster'><item jid='somebody@localhost' name='S'/></query>")


def all_of(owner):
    return {"roster": contacts(owner), "notes": kept(owner, notes()), "vCard": kept(owner, VCARD),
            "blocked": kept(owner, BLOCKLIST),
            "lists": kept(owner, PRIVACY),
            "a list": kept(owner, "<query xmlns='jabber:iq:privacy'><list name='mine'/></query>")}


def register(house, name, password):
    client = house.stranger(opened=True)
    client.register(name, password)
    client.drop()


def begins_with_nothing(house, name, friend, what):
    """The next owner of the name, and how others see him."""
    register(house, name, "new")
    heir = house.member((name, "new"))
    found = all_of(heir)
    expect(found == NOTHING, f"{what}: the next owner finds {found}")
    expect(not told(heir, within=0.3), f"{what}: and messages for the last one")
    expect(contacts(friend).get(heir.bare) in (None, "none"),
           f"{what}: and is the old one's friends' friend: {contacts(friend)}")
    told(friend, "presence")
    heir.send("<presence><status>new</status></presence>")
    heir.is_alive()
    expect(not [p for p in told(friend, "presence", within=0.2) if p.attributes["from"] == heir.jid], f"{what}: who see him")
    return heir


def quiet_end(house):
    """All kinds of things, an absent friend, and a friend who is there."""
    owner, friend, absent = house.member(wish="owner"), house.member(wish="friend"), house.member(wish="absent")
    befriend(owner, friend)
    befriend(owner, absent)
    absent.close()
    for thing in THINGS:
        expect(outcome(owner, "set", thing) == "result", f"{thing} is kept")
    owner.close()
    friend.send(f"<message to='{owner.bare}' type='chat'><body>for the old one</body></message>")
    friend.is_alive()
    owner = house.member(owner.account, available=False)
    expect(outcome(owner, "set", REMOVE) == "result", "the account is removed")
    expect(owner.verdict() == "not-authorized", "and its session ends")
    expect(eventually(lambda: contacts(friend).get(owner.bare) in (None, "none")), "its friend is no friend any more")
    heir = begins_with_nothing(house, owner.account[0], friend, "a quiet end")
    absent = house.member(absent.account)
    expect(contacts(absent).get(heir.bare) in (None, "none"), "nor is the one who was away")
    # Writing to the name is writing to the new one.
    friend.send(f"<message to='{heir.bare}' type='chat'><body>hello</body></message>")
    expect(body_of(heir.stanza("message")) == "hello", "the name works for its new owner")


def half_a_login(house):
    """Somebody has said the password, and asks for his session when the account is gone, or somebody else's."""
    for what, renew in (("nobody's", False), ("somebody else's", True)):
        account = house.account("half")
        ghost = house.stranger(opened=True)
        ghost.authenticate(*account)
        ghost.open_stream()
        owner = house.member(account)
        expect(outcome(owner, "set", REMOVE) == "result", "the account is removed")
        heir = None
        if renew:
            register(house, account[0], "new")
            heir = house.member((account[0], "new"))
        try:
            ghost.bind("ghost")
            is_in = True
        except (Refused, Problem):
            is_in = False
        expect(not is_in, f"a session of an account that is {what} now begins")
        if heir:
            heir.drop()


def noisy_end(house, friend, number):
    """While the account goes, its other devices write all they can, and others write to it."""
    account = house.account("racer")
    owner, devices = house.member(account), [house.member(account, f"d{n}") for n in range(3)]
    writers = [house.member(wish="writer") for _ in range(2)]
    befriend(owner, friend)
    bare, gate = owner.bare, threading.Barrier(7)

    def write(device):
        text = "".join(f"<iq type='set' id='w{n}'>{thing}</iq>" for n in range(8) for thing in THINGS)
        gate.wait()
        try:
            for _ in range(3):
                device.send(text)
                device.send(f"<presence type='subscribe' to='{friend.bare}'/><presence type='subscribed' to='{friend.bare}'/>")
        except OSError:
            pass  # sent away

    def say(writer):
        gate.wait()
        writer.send(f"<message to='{bare}' type='chat'><body>late</body></message>" * 100)
        writer.send(f"<presence type='subscribe' to='{bare}'/>")

    def befriend_again():
        gate.wait()
        friend.send(f"<presence type='subscribe' to='{bare}'/><presence type='subscribed' to='{bare}'/>" * 20)

    def remove():
        gate.wait()
        try:
            owner.ask("set", REMOVE)
        except (Refused, Problem, OSError):
            pass
    threads = [threading.Thread(target=write, args=(device,)) for device in devices]
    threads += [threading.Thread(target=say, args=(writer,)) for writer in writers]
    threads += [threading.Thread(target=befriend_again), threading.Thread(target=remove)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for device in devices:
        ended = device.verdict()
        expect(ended in ("not-authorized", "cut off", "closed"), f"a device of a removed account ends with {ended}")
    for writer in writers:
        expect(writer.is_alive(), "others go on")
    friend.send(f"<presence type='unsubscribe' to='{bare}'/><presence type='unsubscribed' to='{bare}'/>")
    friend.is_alive()
    begins_with_nothing(house, account[0], friend, f"race {number}").drop()


def attack(house):
    quiet_end(house)
    friend = house.member(wish="friend")
    for number in range(20 if house.hard else 4):
        noisy_end(house, friend, number)
    half_a_login(house)
