# SPDX-License-Identifier: Apache-2.0
# Messages: for those who are away, on several devices, and from those who are blocked.
from xmpptest.runner import expect, test


@test("messages for somebody who is away come at the next login, in order, with the time they were sent")
def test_offline(town):
    alice, bob = town.newcomer("alice").comes_online(), town.newcomer("bob")
    for number in range(20):
        alice.writes(bob.bare, f"letter {number}")
    alice.has_heard("message")  # all were taken by the server
    bob.comes_online()
    letters = [bob.hears("message") for _ in range(20)]
    expect([each["body"] for each in letters] == [f"letter {number}" for number in range(20)], letters)
    expect(letters[0]["delay"]["stamp"] is not None and letters[0]["delay"]["from"] == "localhost", letters[0])
    bob.leaves()
    bob = town.device(bob.bare).comes_online()
    expect(not bob.has_heard("message"), "each comes once")


@test("messages that a broken connection did not take come to the next device")
def test_broken(town):
    alice, phone = town.newcomer("alice").comes_online(), town.newcomer("bob").comes_online()
    phone.breaks()
    alice.writes(phone.bare, "are you there?")
    alice.has_heard("message")
    town.device(phone.bare).comes_online().hears_text("are you there?")


@test("with carbons, every device sees the whole conversation")
def test_carbons(town):
    alice, phone = town.friends()
    desk = town.device(phone.bare).comes_online()
    for device in (phone, desk):
        device.asks(device.client["xep_0280"].enable)
    alice.writes(phone.full, "to the phone")
    phone.hears_text("to the phone")
    copy = desk.hears("carbon_received")
    expect(copy["carbon_received"]["body"] == "to the phone", copy)
    phone.writes(alice.full, "from the phone")
    alice.hears_text("from the phone")
    copy = desk.hears("carbon_sent")
    expect(copy["carbon_sent"]["body"] == "from the phone", copy)


@test("who is blocked reaches nobody, and is let in again when unblocked")
def test_blocking(town):
    alice, bob = town.friends()
    alice.asks(lambda: alice.client["xep_0191"].block(bob.bare))
    bob.hears("presence", lambda p: p["type"] == "unavailable" and p["from"].bare == alice.bare)
    bob.writes(alice.bare, "hello?")
    refused = bob.hears("message_error")
    expect(refused["error"]["condition"] == "service-unavailable", refused)
    listed = alice.asks(alice.client["xep_0191"].get_blocked)
    expect([str(jid) for jid in listed["blocklist"]["items"]] == [bob.bare], listed)
    alice.asks(lambda: alice.client["xep_0191"].unblock(bob.bare))
    bob.hears("presence", lambda p: p["type"] == "available" and p["from"] == alice.full)
    bob.writes(alice.bare, "hello again")
    alice.hears_text("hello again")
    expect(not alice.has_heard("message", lambda m: m["body"] == "hello?"), "it was refused")


@test("what is written to somebody who is blocked does not leave")
def test_blocked_sender(town):
    alice, bob = town.friends()
    alice.asks(lambda: alice.client["xep_0191"].block(bob.bare))
    alice.writes(bob.bare, "I am not speaking to you")
    refused = alice.hears("message_error")
    expect(refused["error"]["condition"] == "not-acceptable", refused)
    expect(not bob.has_heard("message"), "it did not leave")


@test("a client that nobody looks at hears of presence later, and of messages at once")
def test_client_state(town):
    alice, bob = town.friends()
    bob._call(bob.client["xep_0352"].send_inactive)
    alice.shows(pshow="away")
    alice.shows(pshow="xa")
    alice.writes(bob.bare, "wake up")
    bob.hears_text("wake up")
    expect(not bob.has_heard("presence", lambda p: p["show"] == "away"), "the newest is enough")
    bob.hears("presence", lambda p: p["show"] == "xa")
