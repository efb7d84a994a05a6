# SPDX-License-Identifier: Apache-2.0
# Plays a dialogue: every line is "ACTOR VERB …", and the verbs are the methods below marked with @verb.
# An actor is a name (alice) or a name with a device (alice/phone): devices share the account.
import os
import re
import ssl
import time

from . import sasl
from .client import HEADER, Client, Refused
from .flood import Flood
from .pattern import Mismatch, has, match, substitute
from .wire import Problem
from .xml_tree import NAMESPACES, parse_fragment

FLOOD_DEADLINE = 60
FLOOD_MEMORY = int(os.environ.get("MEERKAT_TEST_MEMORY", "64")) << 20  # sanitizers take more

_verbs = []
BASE64 = re.compile(r'base64\("([^"]*)"\)')


def verb(expression):
    def mark(function):
        _verbs.append((re.compile(expression, re.DOTALL), function))
        return function
    return mark


def unescape(text):
    return text.encode("latin-1", "backslashreplace").decode("unicode_escape")


class Play:
    """One dialogue under way. `server` has address, tls_address, host and new_account()."""

    def __init__(self, server):
        self.server, self.transcript, self.clients, self.accounts = server, [], {}, {}
        self.certificates, self.floods = {}, {}  # by actor
        self.known = {"host": server.host, **NAMESPACES, "header": HEADER.format(host=server.host)}

    def perform(self, text):
        compare = re.fullmatch(r"\{(\S+)\} (is|is not) \{(\S+)\}", text)
        if compare:
            return self._compare(*compare.groups())
        if text == "the server stops":
            return self.server.stop_soon()
        actor, _, rest = text.partition(" ")
        for expression, function in _verbs:
            found = expression.fullmatch(rest)
            if found:
                return function(self, actor, *found.groups())
        raise Problem(f"nobody knows how to do this: {text}")

    def end(self):
        for flood in self.floods.values():
            flood.stop()
        for client in self.clients.values():
            client.drop()

    def _compare(self, a, how, b):
        missing = [name for name in (a, b) if name not in self.known]
        if missing:
            raise Problem(f"{{{missing[0]}}} was not heard")
        if (self.known[a] == self.known[b]) != (how == "is"):
            raise Problem(f"{{{a}}} = {self.known[a]!r}, {{{b}}} = {self.known[b]!r}")

    def account(self, actor):
        owner = actor.partition("/")[0]
        if owner not in self.accounts:
            name, password = self.accounts[owner] = self.server.new_account(owner)
            self.known |= {owner: f"{name}@{self.server.host}", f"{owner}.name": name,
                           f"{owner}.NAME": name.upper(), f"{owner}.password": password}
        return self.accounts[owner]

    def client(self, actor):
        if actor not in self.clients:
            raise Problem(f"{actor} is not connected")
        return self.clients[actor]

    def _fill(self, text):
        text = substitute(text, self.known)
        return BASE64.sub(lambda raw: sasl.encode(unescape(raw[1]).encode("latin-1")), text)

    def _patterns(self, text):
        try:
            return parse_fragment(BASE64.sub(lambda raw: self._fill(raw[0]), substitute(text, NAMESPACES)))
        except ValueError as problem:
            raise Problem(f"the expectation is not XML: {problem}") from None

    @verb(r"connects( with TLS)?")
    def connects(self, actor, tls=None):
        self.account(actor)
        self._connect(actor, bool(tls))

    @verb(r"connects and says nothing")
    def connects_silently(self, actor):
        self._connect(actor, False, handshake=False)

    @verb(r"shakes hands in vain")
    def shakes_hands_in_vain(self, actor):
        """TLS does not come about. In TLS 1.3 the refusal comes when our side is done already."""
        if self.client(actor).tries_handshake():
            self.hears_the_end_of_the_connection(actor)

    @verb(r"hears the end of the connection")
    def hears_the_end_of_the_connection(self, actor):
        event = self.client(actor).next("the end of the connection")
        if event.kind not in ("eof", "broken"):
            raise Problem(f"{actor} expected the end of the connection, heard {event.show()}")

    @verb(r'has a certificate for ("[^"]*"(?:, "[^"]*")*)(?: (that has expired|signed by nobody))?')
    def has_a_certificate(self, actor, addresses, flaw=None):
        self.account(actor)
        names = [self._fill(address) for address in re.findall(r'"([^"]*)"', addresses)]
        self.certificates[actor] = self.server.authority().issue(
            names, expired=flaw == "that has expired", trusted=flaw != "signed by nobody")

    @verb(r"asks for (the certificate of (\S+)|no certificate)")
    def asks_for(self, actor, _, domain=None):
        self.client(actor).server_name = domain

    @verb(r"knows no TLS after 1.2")
    def knows_only_old_tls(self, actor):
        self.client(actor).newest_tls = ssl.TLSVersion.TLSv1_2

    @verb(r"is shown the certificate of (\S+)")
    def is_shown_the_certificate_of(self, actor, domain):
        if not self.client(actor).was_shown_certificate_of(domain):
            raise Problem(f"{actor} was shown the certificate of somebody else")

    @verb(r"is (not )?offered (\S+)")
    def is_offered(self, actor, negation, mechanism):
        offered = self.client(actor).mechanisms()
        if (mechanism in offered) == bool(negation):
            raise Problem(f"{actor} is offered {', '.join(offered)}")

    def _connect(self, actor, tls, handshake=True):
        tls = tls or not self.server.address
        address = self.server.tls_address if tls else self.server.address
        if not address:
            raise Problem("this configuration has no such port")
        client = self.clients[actor] = Client(address, self.server.host, name=actor, transcript=self.transcript)
        client.certificate = self.certificates.get(actor)
        if tls and handshake:
            self.clients[actor].handshake()

    @verb(r"opens a stream(?: to (\S+))?")
    def opens(self, actor, host=None):
        self.client(actor).open_stream(host)

    @verb(r"is secure")
    def is_secure(self, actor):
        """The stream is open, inside TLS where that is to be had."""
        self.client(actor).secure()

    @verb(r"starts TLS")
    def starts_tls(self, actor):
        self.client(actor).start_tls()

    @verb(r"shakes hands")
    def shakes_hands(self, actor):
        self.client(actor).handshake()

    @verb(r"is not served in clear")
    def is_not_served_in_clear(self, actor):
        """After <proceed/> there is TLS, with nobody authenticated, or there is no connection; never an answer."""
        client = self.client(actor)
        if not client.tries_handshake():
            return
        client.open_stream()
        if not client.mechanisms():
            raise Problem(f"{actor} was authenticated by what was sent in clear")

    @verb(r"registers")
    def registers(self, actor):
        name, password = self.account(actor)
        self.client(actor).register(name, password)
        self.known[f"{name} exists"] = "yes"

    @verb(r"exists")
    def exists(self, actor):
        name, password = self.account(actor)
        if self.known.get(f"{name} exists"):
            return
        self.known[f"{name} exists"] = "yes"
        noted = len(self.transcript)
        self._connect("(registrar)", False)
        registrar = self.clients.pop("(registrar)")
        try:
            registrar.secure()
            registrar.register(name, password)
        finally:
            registrar.drop()
        self.transcript[noted:] = [f"{actor} ↔ (is registered as {name})"]

    def _mechanism(self, actor, words):
        name, password = self.account(actor)
        options = {key: self._fill(value) for key, value in re.findall(r'(\w+) "([^"]*)"', words)}
        found = re.search(r"with (\S+)", words)
        flag, bound_to = options.get("flag", "n"), b""
        if "binding" in options:
            flag, bound_to = "p=" + options["binding"], self.client(actor).channel_binding(options["binding"])
        bound_to = options["data"].encode() if "data" in options else bound_to
        return [options.get("name", name), options.get("password", password), found and found[1],
                options.get("authzid", ""), flag, bound_to]

    @verb(r'authenticates((?: with \S+)?(?: \w+ "[^"]*")*)')
    def authenticates(self, actor, words):
        client = self.client(actor)
        client.authenticate(*self._mechanism(actor, words))
        client.open_stream()

    @verb(r'is refused((?: with \S+)?(?: \w+ "[^"]*")*): (\S+)')
    def is_refused(self, actor, words, condition):
        try:
            self.client(actor).authenticate(*self._mechanism(actor, words))
        except Refused as refusal:
            if refusal.condition not in condition.split("|"):
                raise
            return
        raise Problem(f"{actor} was authenticated, expected {condition}")

    @verb(r"binds(?: (\S+))?")
    def binds(self, actor, resource=None):
        full = self.client(actor).bind(resource and self._fill(resource))
        self.known |= {f"{actor}.full": full, f"{actor}.resource": full.partition("/")[2]}
        if "/" in actor:
            self.known[actor] = full

    @verb(r"logs in( with \S+)?")
    def logs_in(self, actor, words=""):
        noted = len(self.transcript)
        self.exists(actor)
        self.connects(actor)
        client = self.clients[actor]
        client.secure()
        client.authenticate(*self._mechanism(actor, words or ""))
        client.open_stream()
        self.binds(actor, actor.partition("/")[2] or None)
        self.transcript[noted:] = [f"{actor} ↔ (is logged in as {client.jid})"]

    @verb(r"logs in on (\d+) devices")
    def logs_in_often(self, actor, count):
        """ACTOR/1, ACTOR/2 and so on."""
        for number in range(int(count)):
            self.logs_in(f"{actor}/{number + 1}")

    @verb(r"is available(?: with priority (-?\d+))?")
    def is_available(self, actor, priority=None):
        client = self.client(actor)
        client.send(f"<presence><priority>{priority}</priority></presence>" if priority else "<presence/>")
        self.hears_eventually(actor, f"<presence from='{client.jid}' type='{{none}}'/>")

    @verb(r"pings")
    def pings(self, actor):
        try:
            self.client(actor).ask("get", "<ping xmlns='urn:xmpp:ping'/>", self.server.host)
        except Refused:
            pass  # an answer all the same

    @verb(r"sends bytes \"(.*)\"")
    def sends_bytes(self, actor, text):
        self.client(actor).send(unescape(substitute(text, self.known)).encode("latin-1"))

    @verb(r"sends byte by byte (.*)")
    def sends_slowly(self, actor, text):
        self.client(actor).send_bytes_one_by_one(self._fill(text))

    @verb(r"sends (\d+) times (.*)")
    def sends_often(self, actor, count, text):
        text = self._fill(text)
        self.client(actor).send("".join(text.replace("{n}", str(n + 1)) for n in range(int(count))))

    @verb(r"sends (.*)")
    def sends(self, actor, text):
        self.client(actor).send(self._fill(text))

    @verb(r"hears nothing")
    def hears_nothing(self, actor):
        """Everybody's earlier stanzas are through once their pings are answered; then only pings may be heard here."""
        for other, client in self.clients.items():
            if other != actor and client.jid:
                self._ping_quietly(client)
        client = self.client(actor)
        for target in (self.server.host, self.known[actor.partition("/")[0]]):
            client.send(f"<iq type='get' id='nothing' to='{target}'><ping xmlns='urn:xmpp:ping'/></iq>")
            self._hear(actor, [parse_fragment("<iq id='nothing'/>")[0]])

    def _ping_quietly(self, client):
        """A round trip that keeps what else arrives for later."""
        client.send(f"<iq type='get' id='quiet' to='{self.server.host}'><ping xmlns='urn:xmpp:ping'/></iq>")
        kept = []
        while True:
            event = client.next("the answer to a ping")
            if event.kind in ("close", "eof", "broken"):
                kept.append(event)
                break
            if event.kind == "stanza" and event.element.attributes.get("id") == "quiet":
                break
            kept.append(event)
        client.put_back(kept)

    @verb(r"hears (\d+) times (.*)")
    def hears_often(self, actor, count, text):
        for n in range(int(count)):
            self._hear(actor, self._patterns(text.replace("{n}", str(n + 1))))

    @verb(r"hears again (<.*)")
    def hears_again(self, actor, text):
        """The features of the stream that is open now."""
        try:
            match(self._patterns(text)[0], self.client(actor).features, self.known)
        except Mismatch as mismatch:
            offered = self.client(actor).features.show()
            raise Problem(f"{actor} was offered {offered}\n    but expected: {mismatch}") from None

    @verb(r"hears failure (\S+)")
    def hears_failure(self, actor, condition):
        """RFC 6120 §6.5: SASL failed, with this condition."""
        failure = self.client(actor).hear("stanza", "failure")
        if not failure.children or failure.children[0].local not in condition.split("|"):
            raise Problem(f"{actor} expected failure {condition}, heard {failure.show()}")

    @verb(r"is turned away")
    def is_turned_away(self, actor):
        """No, in whatever words: SASL failure, stanza error or stream error."""
        event = self.client(actor).next("a refusal")
        refused = event.kind == "stanza" and (
            event.element.local in ("failure", "error") or event.element.attributes.get("type") == "error")
        if not refused:
            raise Problem(f"{actor} expected a refusal, heard {event.show()}")

    @verb(r"hears the end")
    def hears_the_end(self, actor):
        self.client(actor).hear("close", what="</stream:stream>")

    @verb(r"hears stream error (\S+)")
    def hears_stream_error(self, actor, condition):
        """RFC 6120 §4.9.1.1: the error, then the end of the stream, then the end of the connection."""
        allowed = condition.split("|")
        error = self.client(actor).hear("stanza", "error", what=f"stream error {condition}")
        given = [c.local for c in error.children if c.namespace == NAMESPACES["stream_errors"] and c.local != "text"]
        if len(given) != 1 or given[0] not in allowed:
            raise Problem(f"{actor} expected stream error {condition}, heard {error.show()}")
        self.hears_the_end(actor)
        self.is_closed(actor)

    @verb(r"hears at last stream error (\S+)")
    def hears_at_last_stream_error(self, actor, condition):
        client = self.client(actor)
        while True:
            event = client.next(f"stream error {condition}")
            if event.kind != "stanza" or event.element.local == "error":
                client.put_back([event])
                return self.hears_stream_error(actor, condition)

    @verb(r"is closed")
    def is_closed(self, actor):
        client = self.client(actor)
        client.send("</stream:stream>")
        event = client.next("the end of the connection")
        if event.kind == "close":
            event = client.next("the end of the connection")
        if event.kind != "eof":
            raise Problem(f"{actor} expected the end of the connection, heard {event.show()}")

    @verb(r"closes")
    def closes(self, actor):
        self.client(actor).close()
        del self.clients[actor]

    @verb(r"resets")
    def resets(self, actor):
        self.clients.pop(actor).reset()

    @verb(r"floods (\S+)")
    def floods(self, actor, target):
        """Sends messages without a pause until one comes back: the other one is gone."""
        self.floods[actor] = Flood(self.client(actor), self.client(target).jid)

    @verb(r"is answered at once while (\S+) floods")
    def is_answered_at_once(self, actor, flooder):
        """At once: within a second. The server takes little memory meanwhile."""
        flood, before = self.floods[flooder], self.server.memory()
        until = time.monotonic() + FLOOD_DEADLINE
        while not flood.is_over():
            asked = time.monotonic()
            self.pings(actor)
            took, taken = time.monotonic() - asked, self.server.memory() - before
            if took > 1:
                raise Problem(f"{actor} waited {took:.2f} s for an answer")
            if taken > FLOOD_MEMORY:
                raise Problem(f"the server took {taken >> 20} MB during the flood")
            if asked > until:
                raise Problem(f"the flood went on for {FLOOD_DEADLINE} s")
            time.sleep(0.02)  # what is measured is the answer's time, not how many pings there can be

    @verb(r"drops")
    def drops(self, actor):
        self.clients.pop(actor).drop()

    @verb(r"hears error (\S+)(?: \((\w+)\))?(?: from (\S+))?(?: for (\S+))?")
    def hears_error(self, actor, condition, kind=None, sender=None, stanza_id=None):
        """RFC 6120 §8.3: type error, one condition, the type that belongs to it."""
        element = self.client(actor).hear("stanza", "iq", "message", "presence", what=f"error {condition}")
        error = element.child("error", NAMESPACES["client"])
        given = [c.local for c in (error.children if error else []) if c.namespace == NAMESPACES["stanzas"]]
        given = [name for name in given if name != "text"]
        attributes = element.attributes
        wrong = (attributes.get("type") != "error" or len(given) != 1 or given[0] not in condition.split("|")
                 or error.attributes.get("type") not in ("auth", "cancel", "continue", "modify", "wait")
                 or (kind and error.attributes["type"] != kind)
                 or (sender and attributes.get("from") != self._fill(sender))
                 or (stanza_id and attributes.get("id") != stanza_id))
        if wrong:
            raise Problem(f"{actor} expected error {condition}, heard {element.show()}")

    @verb(r"hears,? in any order:?\s(.*)")
    def hears_in_any_order(self, actor, text):
        left = self._patterns(text)
        while left:
            self._hear(actor, left)

    @verb(r"hears eventually (.*)")
    def hears_eventually(self, actor, text):
        for pattern in self._patterns(text):
            until = time.monotonic() + 30
            while time.monotonic() < until:
                event = self.client(actor).next(text)
                if event.kind in ("close", "eof", "broken"):
                    raise Problem(f"{actor} expected {self._fill(text)}, heard {event.show()}")
                if event.element and has(pattern, event.element, self.known):
                    match(pattern, event.element, self.known)
                    break
            else:
                raise Problem(f"{actor} heard a lot, but not {self._fill(text)}")

    @verb(r"hears (<.*?>)\s+without\s+(<.*)")
    def hears_without(self, actor, text, unwanted):
        element = self._hear(actor, self._patterns(text)[:1])
        for pattern in self._patterns(unwanted):
            if any(has(pattern, child, self.known) for child in element.children):
                raise Problem(f"{actor} heard {pattern.show()} in {element.show()}")

    @verb(r"hears (<.*)")
    def hears(self, actor, text):
        for pattern in self._patterns(text):
            self._hear(actor, [pattern])

    def _hear(self, actor, patterns):
        """Takes the next element and the pattern that it matches, which is removed from the list."""
        client = self.client(actor)
        event = client.next(self._fill(patterns[0].show()))
        if not event.element:
            raise Problem(f"{actor} expected {self._fill(patterns[0].show())}, heard {event.show()}")
        problem = None
        for pattern in patterns:
            try:
                match(pattern, event.element, self.known)
                patterns.remove(pattern)
                if event.element.local == "features":
                    client.features = event.element
                return event.element
            except Mismatch as mismatch:
                problem = problem or mismatch
        raise Problem(f"{actor} heard {event.element.show()}\n    but expected: {problem}")
