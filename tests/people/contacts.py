# SPDX-License-Identifier: Apache-2.0
# Contacts and presence (RFC 6121 §2 to §4), as slixmpp lives through them.
from xmpptest.runner import expect, test


@test("a contact is asked for, granted, seen, and seen to leave")
def test_life_of_a_contact(town):
    alice, bob = town.friends()
    expect(alice.roster() == {bob.bare: "both"}, alice.roster())
    expect(bob.roster() == {alice.bare: "both"}, bob.roster())
    bob.leaves()
    alice.hears("presence", lambda p: p["type"] == "unavailable" and p["from"].bare == bob.bare)


@test("a request waits for somebody who is away, and is asked again until it is answered")
def test_request_while_away(town):
    alice, bob = town.newcomer("alice").comes_online(), town.newcomer("bob")
    alice.subscribes_to(bob)
    for _ in range(2):
        device = town.device(bob.bare).comes_online()
        device.hears("presence", lambda p: p["type"] == "subscribe" and p["from"].bare == alice.bare)
        device.leaves()
    device = town.device(bob.bare).comes_online()
    device.hears("presence", lambda p: p["type"] == "subscribe" and p["from"].bare == alice.bare)
    device.shows(pto=alice.bare, ptype="unsubscribed")
    alice.hears("presence", lambda p: p["type"] == "unsubscribed" and p["from"].bare == bob.bare)
    device.leaves()
    device = town.device(bob.bare).comes_online()
    expect(not device.has_heard("presence", lambda p: p["type"] == "subscribe"), "the request was answered")


@test("what somebody shows reaches the contacts, and their devices alone")
def test_presence(town):
    alice, bob = town.friends()
    eve = town.newcomer("eve").comes_online()
    alice.shows(pshow="away", pstatus="lunch")
    heard = bob.hears("presence", lambda p: p["from"] == alice.full and p["show"] == "away")
    expect(heard["status"] == "lunch", heard)
    expect(not eve.has_heard("presence", lambda p: p["from"].bare == alice.bare), "eve is no contact")


@test("who comes online sees who is there already")
def test_probe(town):
    alice, bob = town.friends()
    alice.shows(pshow="dnd")
    bob.hears("presence", lambda p: p["from"] == alice.full and p["show"] == "dnd")
    desk = town.device(bob.bare).comes_online()
    desk.hears("presence", lambda p: p["from"] == alice.full and p["show"] == "dnd")
    desk.hears("presence", lambda p: p["from"] == bob.full)


@test("a connection that breaks is a good-bye to the contacts")
def test_broken_connection(town):
    alice, bob = town.friends()
    bob.breaks()
    alice.hears("presence", lambda p: p["type"] == "unavailable" and p["from"].bare == bob.bare)


@test("a contact that is removed sees nothing any more and knows it")
def test_removal(town):
    alice, bob = town.friends()
    alice.asks(lambda: alice.client.del_roster_item(bob.bare))
    bob.hears("presence", lambda p: p["type"] == "unavailable" and p["from"].bare == alice.bare)
    expect(alice.roster() == {}, alice.roster())
    expect(bob.roster() == {alice.bare: "none"}, bob.roster())


@test("every device of an account learns of a change of its roster")
def test_pushes(town):
    alice = town.newcomer("alice").comes_online()
    desk = town.device(alice.bare).comes_online()
    alice.asks(lambda: alice.client.update_roster("carol@localhost", name="Carol", groups=["Friends"]))
    push = desk.hears("roster_update", lambda iq: iq["type"] == "set" and "carol@localhost" in iq["roster"]["items"])
    expect(push["roster"]["items"]["carol@localhost"]["name"] == "Carol", push)
