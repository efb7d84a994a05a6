# SPDX-License-Identifier: Apache-2.0
# Item 11: the size of a stanza is limited on raw bytes, while they arrive, with different limits before and after login.
from kit import HEADER, expect

BEFORE, AFTER = 16 * 1024, 256 * 1024


def exactly(size, start, end, fill="x"):
    return start + fill * (size - len(start) - len(end)) + end


def attack(house):
    told = house.stranger(opened=True).features.child("limits").child("max-bytes").text
    expect(told == str(BEFORE), f"strangers are told of {told} bytes")
    reader, account = house.member(), house.account()
    frame = f"<message to='{reader.jid}' type='chat'><body>", "</body></message>"

    member = house.member(account, resource="r")
    expect(member.features.child("limits").child("max-bytes").text == str(AFTER), "members are told of their limit")
    member.send(exactly(AFTER, *frame))
    expect(len(reader.stanza("message").child("body").text) > AFTER - 200, "a stanza of exactly the limit arrives")
    for name, fill in ("text", "x"), ("references", "&amp;"), ("white space", " "), ("two-byte letters", "é"):
        hasty = house.member(account, resource="r")
        data = (frame[0] + fill * AFTER).encode()[:AFTER + 1]
        hasty.send(data)  # no end, and no more: it is the bytes that count, not what they stand for
        expect(hasty.verdict() == "policy-violation", f"one byte more of {name} is refused before the stanza ends")
    spread = house.member(account, resource="r")
    spread.send("<message" + " " * (AFTER // 2) + "><a/>" + "\n" * (AFTER // 2))
    expect(spread.verdict() == "policy-violation", "bytes without meaning count")
    many = house.member(account, resource="r")
    small = exactly(AFTER // 10, *frame)
    many.send(small * 30)
    for _ in range(30):
        reader.stanza("message")
    expect(many.is_alive(), "many small stanzas in a row are no large one")

    def bytes_of(size):
        return exactly(size, "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>", "</auth>", "A")
    fits = house.stranger(opened=True)
    fits.send(bytes_of(BEFORE))
    expect(fits.stanza("failure"), "an element of exactly the strangers' limit is looked at")
    for host in (house.stranger(opened=True), house.stranger(tls=True, opened=True)):
        host.send(bytes_of(BEFORE + 1)[:BEFORE + 1])
        expect(host.verdict() == "policy-violation", "one byte more is not")
    long_header = house.stranger()
    long_header.send(HEADER.format(host="localhost")[:-1] + " x='" + "x" * BEFORE)
    expect(long_header.verdict() == "policy-violation", "the header counts as well")
    unbound = house.stranger(opened=True)
    unbound.authenticate(*account)
    unbound.open_stream()
    unbound.send(exactly(AFTER + 1, "<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>",
                         "")[:AFTER + 1])
    expect(unbound.verdict() == "policy-violation", "before bind there is the members' limit")
