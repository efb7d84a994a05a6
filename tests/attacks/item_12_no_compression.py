# SPDX-License-Identifier: Apache-2.0
# Item 12: compression is not offered by the stream (XEP-0138) nor by TLS, and is not done when asked for. What joins
# later: permessage-deflate, with WebSocket.
from kit import expect

ASKS = "<compress xmlns='http://jabber.org/protocol/compress'><method>{}</method></compress>"


def attack(house):
    for client in (house.stranger(opened=True), house.stranger(secured=True), house.stranger(tls=True, opened=True)):
        expect(not client.offers("compression"), "strangers are not offered compression")
        client.send(ASKS.format("zlib"))
        expect(client.verdict() == "not-authorized", "nor is it done")
    member = house.member()
    expect(not member.offers("compression"), "members are not offered compression")
    for method in "zlib", "lzw", "../zlib":
        asking = house.member(member.account)
        asking.send(ASKS.format(method))
        expect(asking.verdict() == "unsupported-stanza-type", "nor is it done for them")
    client = house.stranger(tls=True)
    expect(client.tls_compression() is None, "TLS does not compress")
