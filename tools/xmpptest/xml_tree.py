# SPDX-License-Identifier: Apache-2.0
# Elements as trees, and a parser for what a server sends: header, stanzas, end (RFC 6120 §4).
from dataclasses import dataclass, field
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

NAMESPACES = {
    "client": "jabber:client",
    "streams": "http://etherx.jabber.org/streams",
    "stream_errors": "urn:ietf:params:xml:ns:xmpp-streams",
    "stanzas": "urn:ietf:params:xml:ns:xmpp-stanzas",
    "tls": "urn:ietf:params:xml:ns:xmpp-tls",
    "sasl": "urn:ietf:params:xml:ns:xmpp-sasl",
    "bind": "urn:ietf:params:xml:ns:xmpp-bind",
    "register": "jabber:iq:register",
}
XML = "http://www.w3.org/XML/1998/namespace"
RESTARTS = ("{%(tls)s}proceed" % NAMESPACES, "{%(sasl)s}success" % NAMESPACES)


@dataclass
class Element:
    name: str  # "{namespace}local"
    attributes: dict = field(default_factory=dict)
    children: list = field(default_factory=list)
    text: str = ""

    @property
    def local(self):
        return self.name.rpartition("}")[2]

    @property
    def namespace(self):
        return self.name[1:].rpartition("}")[0]

    def child(self, local, namespace=None):
        wanted = [c for c in self.children if c.local == local and namespace in (None, c.namespace)]
        return wanted[0] if wanted else None

    def show(self, around="jabber:client"):
        if self.namespace == NAMESPACES["streams"]:
            name, xmlns = "stream:" + self.local, ""
        else:
            name = self.local
            xmlns = "" if self.namespace == around else f" xmlns={quoteattr(self.namespace)}"
        attributes = "".join(f" {k}={quoteattr(v)}" for k, v in self.attributes.items())
        inside = escape(self.text) + "".join(c.show(self.namespace) for c in self.children)
        return f"<{name}{xmlns}{attributes}" + (f">{inside}</{name}>" if inside else "/>")


@dataclass
class Event:
    kind: str  # open, stanza, close, eof, broken
    element: Element | None = None
    why: str = ""

    def show(self):
        return self.element.show() if self.element else f"({self.kind}) {self.why}".rstrip()


def _name(expat_name):
    namespace, _, local = expat_name.rpartition(" ")
    return f"{{{namespace}}}{local}"


def _attributes(raw):
    names = {}
    for name, value in raw.items():
        namespace, _, local = name.rpartition(" ")
        names[f"xml:{local}" if namespace == XML else f"{{{namespace}}}{local}" if namespace else local] = value
    return names


class _Restart(Exception):
    """The document ends here: TLS or a new stream follows."""


class StreamParser:
    """Turns bytes into events. After <proceed/> and <success/> a new document begins by itself."""

    def __init__(self, restarts=True):
        self.events, self._restarts = [], restarts
        self._begin()

    def _begin(self):
        self._stack, self._declared, self._fed, self._partial = [], {}, 0, b""
        self._expat = expat.ParserCreate(namespace_separator=" ")
        self._expat.buffer_text = True
        self._expat.StartNamespaceDeclHandler = self._declare
        self._expat.StartElementHandler = self._start
        self._expat.EndElementHandler = self._end
        self._expat.CharacterDataHandler = self._characters

    def feed(self, data):
        """Hands whole tags to expat: of a half one it would put off the rest, too (its reparse deferral)."""
        data = self._partial + data
        whole = data.rfind(b">") + 1
        self._partial, data = data[whole:], data[:whole]
        try:
            self._expat.Parse(data, False)
            self._fed += len(data)
        except _Restart:
            rest = data[self._expat.CurrentByteIndex - self._fed:]
            if rest.startswith(b"</"):  # for <proceed/> expat points behind the tag
                rest = rest[rest.index(b">") + 1:]
            rest += self._partial
            self._begin()
            if rest:
                self.feed(rest)
        except expat.ExpatError as problem:
            self.events.append(Event("broken", why=f"{problem}: {data!r}"))
            self._begin()

    def _declare(self, prefix, uri):
        if not self._stack:
            self._declared["xmlns:" + prefix if prefix else "xmlns"] = uri or ""

    def _start(self, name, attributes):
        element = Element(_name(name), _attributes(attributes))
        if not self._stack:
            element.attributes |= self._declared
            self.events.append(Event("open", element))
        elif len(self._stack) > 1:
            self._stack[-1].children.append(element)
        self._stack.append(element)

    def _characters(self, text):
        if len(self._stack) > 1:
            self._stack[-1].text += text

    def _end(self, _name):
        element = self._stack.pop()
        if not self._stack:
            self.events.append(Event("close"))
        elif len(self._stack) == 1:
            self.events.append(Event("stanza", element))
            if self._restarts and element.name in RESTARTS:
                raise _Restart

    def is_between_stanzas(self):
        return len(self._stack) == 1


def parse_fragment(text):
    """The elements of a piece of a stream, as a list."""
    parser = StreamParser(restarts=False)
    parser.feed(f"<stream:stream xmlns='jabber:client' xmlns:stream='{NAMESPACES['streams']}'>".encode())
    parser.feed(text.encode())
    for event in parser.events:
        if event.kind == "broken":
            raise ValueError(event.why)
    if not parser.is_between_stanzas():
        raise ValueError(f"an element is not closed in {text!r}")
    return [event.element for event in parser.events if event.kind == "stanza"]
