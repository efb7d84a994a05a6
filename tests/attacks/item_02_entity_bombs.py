# SPDX-License-Identifier: Apache-2.0
# Item 2: entities in attributes, nested entities (billion laughs), character references beyond Unicode.
from kit import MB, each_is_answered, expect

LAUGHS = "<!DOCTYPE lolz [<!ENTITY lol 'lol'>" + "".join(
    f"<!ENTITY lol{n} '{'&lol%s;' % (n - 1 or '') * 10}'>" for n in range(1, 10)) + "]><lolz>&lol9;</lolz>"
OUTSIDE = ["&#0;", "&#x0;", "&#8;", "&#xD800;", "&#xDFFF;", "&#xFFFE;", "&#xFFFF;", "&#x110000;", "&#99999999999999999999;",
           "&#x10000000000000041;", "&#;", "&#x;", "&#-1;", "&;", "&lol;", "&amp", "& amp;", "&AMP;", "&#X41;"]


def attack(house):
    with house.bounded("entities", memory=8 * MB, seconds=15):
        each_is_answered(house, [("billion laughs", LAUGHS, "restricted-xml")], opened=False)
        each_is_answered(house, [("billion laughs later", LAUGHS, "restricted-xml")], logged_in=True)
        cases = [(f"{text} in {where}", frame.format(text), "not-well-formed") for text in OUTSIDE
                 for where, frame in [("an attribute", "<message id='{}'/>"), ("text", "<message><b>{}</b></message>")]]
        each_is_answered(house, cases)
    member, other = house.member(), house.member()
    with house.bounded("many references", cpu=1.0):
        many = 40000
        member.send(f"<message to='{other.jid}' type='chat'><body>{'&amp;' * many}</body></message>")
        body = other.stanza("message").child("body").text
        expect(body == "&" * many, "references that are allowed arrive as what they stand for")
