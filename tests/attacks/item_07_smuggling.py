# SPDX-License-Identifier: Apache-2.0
# Item 7: whatever is accepted is one stanza for every parser that reads it on, and the same one: hostile variants are
# sent by one client, and what reaches another is read by expat and libxml2, once whole and once as a stream.
import random
import select
import socket
import time
import xml.sax
import xml.sax.handler
from xml.etree import ElementTree

from kit import expect

try:
    from lxml import etree  # python3-lxml
except ImportError:
    etree = None

STREAM = "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>"
NAMES = ["a", "body", "message", "iq", "stream", "x-y.z", "_", "é", "中", "a\u0301", "A1", "xmlish", "b" * 1000,
         "\u0370", "\u1e9c", "\U00010000", "a\u0b71", "\u2c00", "\u30fb", "a\u203f", "c" * 60000]
PREFIXES = ["", "", "", "p:", "q:", "stream:", "xml:", "r:"]
SPACES = ["urn:x", "jabber:client", "jabber:server", "http://etherx.jabber.org/streams", "u/é", "", "urn:x y", "a|b", "a}b",
          "urn:xmpp:delay", "#", "a:b:c", "//h", "u%20"]
TEXTS = ["", " ", "x", "&lt;", "&#60;", "&#x3C;message/>", "&amp;lt;", "]]", "]]&gt;", "<![CDATA[]]>", "<![CDATA[<a>&b;]]>",
         "<![CDATA[]]]]><![CDATA[>]]>", "\r\n", "\r", "\t", "&#13;", "&#10;", "😀", "\u2028", "\u0085", "\ufeff", "&#x1F600;",
         "&quot;", "&apos;'", "\"", "&#x85;", "&#xD;&#xA;", "\u200b"]
VALUES = ["", "1", "&quot;", "&apos;", "&lt;a/&gt;", "a\tb", "a\nb", "a\r\nb", "&#9;&#10;&#13;", "😀", "&#x1F600;", ">", "]]>",
          "x" * 3000]
WRONG = ["</message>", "<", "&", "&#xFFFE;", "\ufffe", "\u0001", "&nbsp;", "&#0;", "]]>", "'", '"', "<message/>", "<a", "/>"]
ATTRIBUTES = ["id", "type", "xml:lang", "xml:space", "xml:id", "p:id", "q:id", "p:id", "éa", "xmlns:r", "stream:x", "A"]


def one_of(chance, words):
    return chance.choice(WRONG if chance.random() < 0.03 else words)


def some_attributes(chance):
    said = "".join(f" xmlns:{p}='{chance.choice(SPACES)}'" for p in ("p", "q", "r", "stream") if chance.random() < 0.25)
    said += f" xmlns='{chance.choice(SPACES)}'" if chance.random() < 0.3 else ""
    for _ in range(chance.choice([0, 0, 1, 2, 3])):
        quote = chance.choice("'\"")
        space = chance.choice([" ", "  ", "\n", "\t", "", "/"]) if chance.random() < 0.05 else " "
        said += f"{space}{chance.choice(ATTRIBUTES)}={quote}{one_of(chance, VALUES)}{quote}"
    return said


def some_element(chance, depth=0):
    name = chance.choice(PREFIXES) + (chance.choice(NAMES) if chance.random() < 0.3 else "a")
    start = f"<{name}{some_attributes(chance)}"
    if chance.random() < 0.3:
        return start + chance.choice(["/>"] * 20 + [" />", "/ >"])
    inside = "".join(some_element(chance, depth + 1) if chance.random() < 0.5 and depth < 4 else
                     one_of(chance, TEXTS) if chance.random() < 0.4 else "t" for _ in range(chance.randrange(4)))
    return f"{start}>{inside}</{name}{chance.choice(['', '', ' ', chr(10)])}>"


def a_stanza(chance, to, number):
    declared = "".join(f" xmlns:{p}='urn:{p}'" for p in ("p", "q", "r") if chance.random() < 0.9)
    name, own = chance.choice([("message", ""), ("message", " xmlns='jabber:client'"),
                               ("c:message", " xmlns:c='jabber:client'"),
                               ("c:message", " xmlns:c='jabber:client' xmlns='urn:y'")])
    return (f"<{name}{own}{declared} to='{to}' type='chat' id='s{number}'"
            f"{some_attributes(chance) if chance.random() < .2 else ''}>"
            f"{some_element(chance)}{one_of(chance, TEXTS) if chance.random() < .2 else ''}</{name}>")


def tree(element):
    """What parsers must agree on; addresses and the language are stamped."""
    attributes = {k: v for k, v in element.attrib.items()
                  if k not in ("from", "to", "{http://www.w3.org/XML/1998/namespace}lang")}
    return (element.tag, sorted(attributes.items()), element.text or "",
            [(tree(child), child.tail or "") for child in element])


def by_expat(text):
    return [tree(child) for child in ElementTree.fromstring(text)]


# These are no errors of XML 1.0 or its namespaces: a reader of SAX events does not even hear of them.
OF_NO_MATTER = {"DTD_XMLID_VALUE", "DTD_ID_REDEFINED", "WAR_SPACE_VALUE", "WAR_LANG_VALUE", "WAR_NS_URI_RELATIVE"}


def by_libxml2(text):
    parser = etree.XMLParser(resolve_entities=False, strip_cdata=True, recover=True)
    children = [tree(child) for child in etree.fromstring(text, parser)]
    serious = [entry for entry in parser.error_log if entry.type_name not in OF_NO_MATTER]
    if serious:
        raise ValueError(f"libxml2 says {serious}")
    return children


class Counts(xml.sax.handler.ContentHandler):
    """How many stanzas a SAX reader sees."""

    def __init__(self):
        super().__init__()
        self.depth = self.stanzas = 0

    def startElementNS(self, name, qname, attrs):
        self.stanzas += self.depth == 1
        self.depth += 1

    def endElementNS(self, name, qname):
        self.depth -= 1


def by_sax(text):
    reader, counts = xml.sax.make_parser(), Counts()
    reader.setFeature(xml.sax.handler.feature_namespaces, True)
    reader.setContentHandler(counts)
    reader.feed(text)
    reader.close()
    return counts.stanzas


def has_ended(stream):
    try:
        said = stream.recv(65536)
    except OSError:
        return True
    return not said or b"<stream:error" in said


def comes(house, account, reader):
    """A sender of whose end the reader is told."""
    sender = house.member(account, resource="r", available=False)
    sender.send(f"<presence to='{reader.jid}'/>")
    reader.stanza("presence")
    return sender


def tells_of_the_end(got):
    return b">" in got.partition(b"type='unavailable'")[2]


def passes(house, sender, reader, sent, number):
    """The bytes that reach the reader, or None when the stream of the sender ended, or its stanza has not; and whether
    the sender is still there."""
    end = f"<message to='{reader.jid}' type='chat' id='end{number}'/>".encode()
    sender.send(sent.encode("utf-8", "surrogatepass") + end)
    mark, got, until = f"id='end{number}' xml:lang='en'/>".encode(), b"", time.monotonic() + 0.1 * house.slowness
    with reader.another_socket() as quiet, sender.another_socket() as own:
        over = False
        while not tells_of_the_end(got) if over else mark not in got:
            if not over and not got and time.monotonic() > until:
                own.shutdown(socket.SHUT_WR)  # and if it is late only, it comes before the end
                over = True
            heard = select.select([quiet] if over else [quiet, own], [], [], 0.02)[0]
            if quiet in heard:
                got += quiet.recv(65536)
            elif own in heard:
                over = has_ended(own)
    begin = got.rfind(b"<message", 0, got.rindex(mark)) if mark in got else None
    return None if begin is None else got[:begin], not over


def check(sent, got):
    whole = STREAM.encode() + got + b"</stream:stream>"
    try:
        received = by_expat(whole)
        expect(len(received) == 1 and by_sax(whole) == 1, f"{sent!r} became {len(received)} stanzas: {got!r}")
        meant = by_expat((STREAM + sent + "</stream:stream>").encode())
        expect(received == meant, f"{sent!r} arrives as something else: {got!r}")
        if etree:
            expect(by_libxml2(whole) == received, f"{sent!r}: expat and libxml2 read {got!r} differently")
    except (ElementTree.ParseError, xml.sax.SAXException, ValueError, SyntaxError) as problem:
        expect(False, f"{sent!r} was accepted and breaks a parser: {problem}: {got!r}")


def attack(house):
    if etree is None:
        house.skipped = "libxml2, for want of python3-lxml"
    chance, accepted, refused = random.Random(7), 0, 0
    account, reader = house.account(), house.member()
    reader.another_socket().setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    sender = comes(house, account, reader)
    fixed = [f"<message to='{reader.jid}' type='chat' id='f'><{name}>{text}</{name}></message>"
             for name in NAMES for text in ("", "x")]
    count = 6000 if house.hard else 600
    for number in range(count):
        sent = fixed[number] if number < len(fixed) else a_stanza(chance, reader.jid, number)
        got, is_there = passes(house, sender, reader, sent, number)
        if got is None:
            refused += 1
        elif got:
            accepted += 1
            check(sent, got)
        if not is_there:
            sender.drop()
            sender = comes(house, account, reader)
    expect(accepted > count / 8 and refused > count / 12, f"{accepted} accepted and {refused} refused is no fair trial")
