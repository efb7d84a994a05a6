# SPDX-License-Identifier: Apache-2.0
# An XMPP client for tests: negotiates a stream step by step (RFC 6120), registers accounts (XEP-0077).
import itertools
from xml.sax.saxutils import escape, quoteattr

from . import sasl
from .wire import Problem, Wire
from .xml_tree import NAMESPACES as NS

HEADER = ("<?xml version='1.0'?><stream:stream to='{host}' version='1.0' xml:lang='en' xmlns='jabber:client' "
          "xmlns:stream='http://etherx.jabber.org/streams'>")
PREFERENCE = ("SCRAM-SHA-256", "SCRAM-SHA-1", "PLAIN")
_ids = itertools.count(1)


class Refused(Problem):
    """The server said no, in the protocol's words."""

    def __init__(self, condition, what):
        super().__init__(f"{what} was refused: {condition}")
        self.condition = condition


class Client(Wire):
    def __init__(self, address, host="localhost", **more):
        super().__init__(address, **more)
        self.host, self.features, self.jid = host, None, None

    def hear(self, kind, *locals_, what=None):
        what = what or " or ".join(locals_) or kind
        event = self.next(what)
        if event.kind != kind or (locals_ and event.element.local not in locals_):
            raise Problem(f"{self.name} expected {what}, heard {event.show()}")
        return event.element

    def open_stream(self, host=None):
        self.host = host or self.host  # the streams that follow are to the same domain
        self.send(HEADER.format(host=self.host))
        self.hear("open", "stream")
        self.features = self.hear("stanza", "features")

    def offers(self, local, namespace=None):
        return self.features is not None and self.features.child(local, namespace) is not None

    def start_tls(self):
        self.send(f"<starttls xmlns='{NS['tls']}'/>")
        self.hear("stanza", "proceed")
        self.handshake()
        self.open_stream()

    def mechanisms(self):
        offered = self.features.child("mechanisms", NS["sasl"]) if self.features else None
        return [m.text for m in offered.children if m.local == "mechanism"] if offered else []

    def authenticate(self, name, password, mechanism=None, authzid="", flag="n", bound_to=b""):
        """Up to and including <success/>. Raises Refused with SASL's condition."""
        if not mechanism:
            common = [m for m in PREFERENCE if m in self.mechanisms()]
            if not common:
                raise Problem(f"{self.name} is offered no mechanism of {PREFERENCE}, only {self.mechanisms()}")
            mechanism = common[0]
        scram = None
        if mechanism.startswith("SCRAM"):
            scram = sasl.Scram(mechanism, name, password, authzid, flag, bound_to)
            first = scram.first()
        else:
            first = authzid if mechanism == "EXTERNAL" else sasl.plain(name, password, authzid)
        self.send(f"<auth xmlns='{NS['sasl']}' mechanism='{mechanism}'>{sasl.encode(first) or '='}</auth>")
        while True:
            answer = self.hear("stanza", "challenge", "success", "failure", what="an answer to SASL")
            if answer.local == "failure":
                raise Refused(answer.children[0].local, f"{mechanism} for {name}")
            if answer.local == "challenge":
                final = sasl.encode(scram.final(sasl.decode(answer.text)))
                self.send(f"<response xmlns='{NS['sasl']}'>{final}</response>")
                continue
            if scram:
                scram.verify(sasl.decode(answer.text))
            return

    def ask(self, kind, payload, to=None):
        """An IQ and its result; what else arrives meanwhile is dropped. Raises Refused with the stanza error."""
        iq_id = f"ask{next(_ids)}"
        to = f" to={quoteattr(to)}" if to else ""
        self.send(f"<iq type='{kind}' id='{iq_id}'{to}>{payload}</iq>")
        while True:
            event = self.next(f"the answer to iq {iq_id}")
            if event.kind in ("close", "eof", "broken"):
                raise Problem(f"{self.name} expected the answer to iq {iq_id}, heard {event.show()}")
            answer = event.element
            if event.kind != "stanza" or answer.local != "iq" or answer.attributes.get("id") != iq_id:
                continue
            if answer.attributes.get("type") == "error":
                error = answer.child("error")
                raise Refused(error.children[0].local if error and error.children else "?", payload)
            return answer

    def bind(self, resource=None):
        wish = f"<resource>{escape(resource)}</resource>" if resource else ""
        answer = self.ask("set", f"<bind xmlns='{NS['bind']}'>{wish}</bind>")
        self.jid = answer.child("bind").child("jid").text
        return self.jid

    def register(self, name, password):
        """XEP-0077 before authentication; on an authenticated stream of the same account: a new password."""
        self.ask("set", f"<query xmlns='{NS['register']}'><username>{escape(name)}</username>"
                        f"<password>{escape(password)}</password></query>")

    def secure(self):
        """Opens the stream, with STARTTLS when it is offered."""
        self.open_stream()
        if not self.encrypted and self.offers("starttls", NS["tls"]):
            self.start_tls()

    def log_in(self, name, password, resource=None, mechanism=None):
        if self.features is None:
            self.secure()
        self.authenticate(name, password, mechanism)
        self.open_stream()
        return self.bind(resource)

    def close(self):
        """Says goodbye and waits for the other side's."""
        self.send("</stream:stream>")
        while self.next("the end").kind not in ("eof", "broken"):
            pass
        self.drop()
