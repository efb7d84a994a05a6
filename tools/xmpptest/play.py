# SPDX-License-Identifier: Apache-2.0
# Plays a dialogue: every line is "ACTOR VERB …", and the verbs are the functions of verbs/ marked with @verb.
# An actor is a name (alice) or a name with a device (alice/phone): devices share the account.
import itertools
import re

from . import sasl
from .client import HEADER
from .pattern import substitute
from .verbs import VERBS, unescape
from .wire import Problem
from .xml_tree import NAMESPACES, parse_fragment

BASE64 = re.compile(r'base64\("([^"]*)"\)')


class Play:
    """One dialogue under way. `server` has address, tls_address, host and new_account()."""

    def __init__(self, server):
        self.server, self.transcript, self.clients, self.accounts = server, [], {}, {}
        self.certificates, self.floods = {}, {}  # by actor; of floods several
        self.known = {"host": server.host, **NAMESPACES, "header": HEADER.format(host=server.host)}

    def perform(self, text):
        compare = re.fullmatch(r"\{(\S+)\} (is|is not) \{(\S+)\}", text)
        if compare:
            return self._compare(*compare.groups())
        if text == "the server stops":
            return self.server.stop_soon()
        if text == "the server is restarted":
            return self._restart()
        actor, _, rest = text.partition(" ")
        for expression, function in VERBS:
            found = expression.fullmatch(rest)
            if found:
                return function(self, actor, *found.groups())
        raise Problem(f"nobody knows how to do this: {text}")

    def end(self):
        for flood in itertools.chain(*self.floods.values()):
            flood.stop()
        for client in self.clients.values():
            client.drop()

    def _restart(self):
        """SIGTERM, the end of the process, and a new one with the same data; connections are not kept."""
        problem = self.server.stop()
        if problem:
            raise Problem(f"the server stops: {problem}")
        self.server.start()

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

    def fill(self, text):
        text = substitute(text, self.known)
        return BASE64.sub(lambda raw: sasl.encode(unescape(raw[1]).encode("latin-1")), text)

    def patterns(self, text):
        try:
            return parse_fragment(BASE64.sub(lambda raw: self.fill(raw[0]), substitute(text, NAMESPACES)))
        except ValueError as problem:
            raise Problem(f"the expectation is not XML: {problem}") from None
