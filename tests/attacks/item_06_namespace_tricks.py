# SPDX-License-Identifier: Apache-2.0
# Item 6: separators inside of namespaces (CVE-2022-25236), other meanings of `xml` and `xmlns`, prefixes nobody
# declared, attributes that are the same once their prefixes are resolved.
from kit import each_is_answered, expect

XML, XMLNS = "http://www.w3.org/XML/1998/namespace", "http://www.w3.org/2000/xmlns/"
CASES = [
    ("xml means something else", "<message xmlns:xml='urn:x'/>", "bad-namespace-prefix"),
    ("another prefix means xml", f"<message xmlns:x='{XML}'/>", "bad-namespace-prefix"),
    ("xml as the default", f"<message xmlns='{XML}'/>", "bad-namespace-prefix"),
    ("xmlns is declared", f"<message xmlns:xmlns='{XMLNS}'/>", "bad-namespace-prefix"),
    ("xmlns means something else", "<message xmlns:xmlns='urn:x'/>", "bad-namespace-prefix"),
    ("another prefix means xmlns", f"<message xmlns:x='{XMLNS}'/>", "bad-namespace-prefix"),
    ("xmlns as the default", f"<message xmlns='{XMLNS}'/>", "bad-namespace-prefix"),
    ("an element named with xmlns", "<xmlns:message/>", "bad-namespace-prefix"),
    ("an undeclared prefix", "<message><a:b/></message>", "not-well-formed"),
    ("an undeclared prefix of an attribute", "<message a:b=''/>", "not-well-formed"),
    ("a prefix is taken back", "<message xmlns:a='u'><b xmlns:a=''/></message>", "not-well-formed"),
    ("a prefix of a sibling", "<message><b xmlns:a='u'/><a:c/></message>", "not-well-formed"),
    ("the same attribute twice", "<message id='1' id='2'/>", "not-well-formed"),
    ("the same by two prefixes", "<message xmlns:a='u' xmlns:b='u' a:c='1' b:c='2'/>", "not-well-formed"),
    ("the same among many", "<message " + "".join(f"a{n}='' " for n in range(30)) + "a7=''/>", "not-well-formed"),
    ("a prefix declared twice", "<message xmlns:a='u' xmlns:a='v'/>", "not-well-formed"),
    ("the default declared twice", "<message xmlns='jabber:client' xmlns='jabber:client'/>", "not-well-formed"),
    ("an empty prefix", "<message><:b/></message>", "not-well-formed"),
    ("an empty local name", "<message xmlns:a='u'><a:/></message>", "not-well-formed"),
    ("two colons", "<message xmlns:a='u'><a:b:c/></message>", "not-well-formed"),
    ("a local name that is a number", "<message xmlns:a='u'><a:1/></message>", "not-well-formed"),
    ("end tag by another prefix", "<message xmlns:a='u' xmlns:b='u'><a:x></b:x></message>", "not-well-formed"),
    ("a line end in a namespace", "<message xmlns:a='u\nv'/>", "not-well-formed"),
    ("a form feed in a namespace", "<message xmlns:a='u\fv'/>", "not-well-formed"),
    ("a reference to a line end in a namespace", "<message xmlns:a='u&#10;v'/>", "not-well-formed"),
    ("a reference in a namespace", "<message xmlns='jabber&#58;client'/>", "not-well-formed"),
    ("a separator in a namespace", "<message><a xmlns='u jabber:client'/></message>", "not-well-formed"),
    ("another separator in a namespace", "<message xmlns:a='u|v'/>", "not-well-formed"),
    ("a brace in a namespace", "<message xmlns:a='u}v'/>", "not-well-formed"),
    ("a stanza of servers", "<message xmlns='jabber:server'/>", "unsupported-stanza-type"),
    ("a stanza of components", "<message xmlns='jabber:component:accept'/>", "unsupported-stanza-type"),
    ("a stanza of nobody", "<message xmlns=''/>", "unsupported-stanza-type"),
    ("a stanza whose namespace has a tail", "<message xmlns='jabber:client '/>", "not-well-formed"),
    ("a stanza whose namespace differs in case", "<message xmlns='Jabber:Client'/>", "unsupported-stanza-type"),
]


def attack(house):
    with house.bounded("namespace tricks", seconds=15):
        each_is_answered(house, CASES, logged_in=True)
    # Names that look like others in a careless parser stay what they are.
    sender, reader = house.member(), house.member()
    for inside in ("<body xmlns='urn:x#jabber:client'/>", "<x:body xmlns:x='urn:x/jabber:client'>no</x:body>",
                   "<stream:stream xmlns:stream='urn:x'/>", "<body xmlns='jabber:client/body'/>"):
        sender.send(f"<message to='{reader.jid}' type='chat'>{inside}</message>")
        got = reader.stanza("message")
        expect(got.child("body", "jabber:client") is None, f"{inside} is no body")
        expect(len(got.children) == 1, f"{inside} arrives as one child")
