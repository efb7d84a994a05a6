# SPDX-License-Identifier: Apache-2.0
# A client with stream management (XEP-0198): what it keeps from one connection to the next, and how connections end.
import collections
import socket
import threading
import time

from people import Gone, next_element
from xmpptest.client import Client, Refused
from xmpptest.waiting import SLOWNESS
from xmpptest.wire import DEADLINE, Problem

SM = "urn:xmpp:sm:3"
STANZAS = ("message", "presence", "iq")
EXPECTED_ENDS = ("conflict", "system-shutdown", "connection-timeout")


class House:
    """The server, which is restarted now and then."""

    def __init__(self, server):
        self.server, self.restarts, self._up = server, 0, threading.Event()

    def start(self):
        self.server.start()
        self._up.set()

    def stop(self):
        """What went wrong, if anything."""
        self._up.clear()
        return self.server.stop()

    def restart(self):
        problem = self.stop()
        self.restarts += 1
        self.start()
        return problem

    def address(self):
        if not self._up.wait(2 * DEADLINE):
            raise Problem("the server does not come back")
        return self.server.address

    def is_the_same(self, restarts):
        return self._up.is_set() and restarts == self.restarts


class ManagedClient:
    """Subclasses say what happens with what is heard."""

    def __init__(self, house, books, account, resource):
        self.house, self.books, self.account, self.resource = house, books, account, resource
        self.client = self.id = None
        self.granted = self.there_at = 0.0  # how long the session is kept, and when it surely had its connection
        self._leaving = False
        self._begin_counting()

    def _begin_counting(self):
        self.is_counting, self.handled, self.sent = False, 0, 0
        self._asked = self._answered = 0
        self.unacknowledged = collections.deque()  # (number, text, message or nothing)

    # What subclasses say.
    def heard(self, element):
        raise NotImplementedError

    def was_accepted(self, message):
        """The server has acknowledged a message of ours."""

    def acknowledges(self):
        """We are about to acknowledge all that was heard."""

    # Sending and hearing.
    def send(self, text, message=None):
        """A stanza; it is sent again when the server turns out not to have got it."""
        self.sent += 1
        self.unacknowledged.append((self.sent, text, message))
        if self.client is None:
            raise Gone("before it was sent")
        self.client.send(text)

    def listen(self, within):
        """One element; nothing when there was none in time."""
        element = next_element(self.client, within)
        if element is None:
            return None
        if element.local in STANZAS and element.namespace == "jabber:client":
            self.handled += self.is_counting
            self._hear_stanza(element)
        elif element.namespace == SM:
            self._hear_about_stanzas(element)
        elif element.local == "error":
            condition = element.children[0].local
            if condition not in EXPECTED_ENDS:
                self.books.fault(f"stream error for {self.account[0]}/{self.resource}: {element.show()}")
            self.books.happened(condition)
            raise Gone(condition)
        return element

    def _hear_stanza(self, element):
        if element.local == "iq" and element.attributes.get("type") == "get" and not self._leaving:
            self.send(f"<iq type='result' id='{element.attributes['id']}' to='localhost'/>")
        self.heard(element)

    def _hear_about_stanzas(self, element):
        if element.local == "r":
            if self.answers_at_once() and not self._leaving:
                self.acknowledge()
        elif element.local == "a":
            self._answered += 1
            self.server_handled(int(element.attributes["h"]))

    def answers_at_once(self):
        return True

    def acknowledge(self):
        self.acknowledges()
        self.client.send(f"<a xmlns='{SM}' h='{self.handled}'/>")

    def server_handled(self, count):
        if count > self.sent or (self.unacknowledged and count < self.unacknowledged[0][0] - 1):
            self.books.fault(f"{self.account[0]}/{self.resource} sent {self.sent}, and the server handled {count}")
        while self.unacknowledged and self.unacknowledged[0][0] <= count:
            _, _, message = self.unacknowledged.popleft()
            if message:
                self.was_accepted(message)

    def confirm(self, within=DEADLINE):
        """The server knows what we handled, and has told us what it has."""
        asked_at = time.monotonic()
        self.acknowledge()
        self.client.send(f"<r xmlns='{SM}'/>")
        self._asked += 1
        until = asked_at + within
        while self._answered < self._asked:
            if time.monotonic() > until:
                raise Problem(f"{self.account[0]}/{self.resource} asked what was handled, and got no answer")
            self.listen(max(0.001, until - time.monotonic()))
        self.there_at = asked_at

    def listen_for(self, seconds):
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            self.listen(left)

    def listen_until_quiet(self, quiet=3.0):
        heard = time.monotonic()
        while time.monotonic() - heard < quiet * SLOWNESS:
            element = self.listen(0.2)
            if element is not None and element.local in ("message", "presence"):  # the server pings and asks on
                heard = time.monotonic()

    # How connections and sessions begin.
    def authenticate(self):
        client = Client(self.house.address())
        try:
            client.secure()
            client.authenticate(*self.account)
            client.open_stream()
        except BaseException:
            client.drop()
            raise
        return client

    def begin(self):
        """A new session. Binding and counting begin in one packet, so that nothing comes uncounted."""
        self.client, self.id, self._leaving = self.authenticate(), None, False
        self._begin_counting()
        self.there_at = time.monotonic()
        self.client.send(f"<iq type='set' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>"
                         f"{self.resource}</resource></bind></iq><enable xmlns='{SM}' resume='true'/>")
        until = time.monotonic() + DEADLINE
        while not self.is_counting:
            element = self.listen(max(0.001, until - time.monotonic()))
            if element is None:
                raise Problem(f"{self.account[0]}/{self.resource} cannot begin a session")
            if element.local == "enabled":
                self.is_counting, self.id = True, element.attributes["id"]
                self.granted = float(element.attributes["max"])

    def resume(self):
        """Whether the session goes on. The former connection, if it is still there, is told why it ends."""
        restarts, client = self.house.restarts, self.authenticate()
        try:
            asked_at = time.monotonic()
            self.acknowledges()
            client.send(f"<resume xmlns='{SM}' previd='{self.id}' h='{self.handled}'/>")
            answer = client.hear("stanza", "resumed", "failed", "error", what="an answer to <resume/>")
            if answer.local == "error":
                self.is_wrong_unless_restarted(restarts, f"was answered {answer.show()} when it resumed")
                raise Gone("resuming")
        except BaseException:
            client.drop()
            raise
        if answer.local == "failed":
            client.drop()
            self._is_too_late(answer, restarts)
            return False
        former, self.client, self.there_at = self.client, client, asked_at
        self._asked, self._answered, self._leaving = 0, 0, False
        if former is not None:
            self._see_conflict(former)
        self.server_handled(int(answer.attributes["h"]))
        self.resumed()
        for _, text, _ in self.unacknowledged:
            client.send(text)
        self.books.happened("resumptions")
        return True

    def resumed(self):
        """The server knows what we handled."""

    def _is_too_late(self, answer, restarts):
        waited = time.monotonic() - self.there_at
        if waited < self.granted:
            self.books.fault(f"{self.account[0]}/{self.resource} could not resume after {waited:.1f} s of "
                             f"{self.granted:g} s: {answer.show()}")
        self.books.happened("resumptions too late")
        if "h" in answer.attributes:
            self.server_handled(int(answer.attributes["h"]))
        elif not self.granted:
            self.unacknowledged.clear()  # nobody knows; it is neither lost nor to be sent again
        else:
            self.books.fault(f"{self.account[0]}/{self.resource} was not told what was handled: {answer.show()}")
        self.id = None
        self.lose()

    def _see_conflict(self, former):
        try:
            while (event := former.next("the conflict")).kind not in ("eof", "broken"):
                if event.kind == "stanza" and event.element.name == "{http://etherx.jabber.org/streams}error":
                    if (condition := event.element.children[0].local) not in EXPECTED_ENDS:
                        self.books.fault(f"who is taken over is told {condition}")
        except Problem:
            self.books.fault(f"the former connection of {self.account[0]}/{self.resource} is kept")
        finally:
            former.reset()

    def is_wrong_unless_restarted(self, restarts, what):
        if self.house.is_the_same(restarts):
            self.books.fault(f"{self.account[0]}/{self.resource} {what}")

    # How they end.
    def lose(self, how="reset"):
        """Nothing more is heard on this connection; the session is kept."""
        client, self.client = self.client, None
        if client is None:
            return
        if how == "end of file":
            client.another_socket().shutdown(socket.SHUT_WR)
            try:
                while client.next("the end").kind not in ("eof", "broken"):
                    pass
            except Problem:
                self.books.fault(f"{self.account[0]}/{self.resource} had ended, and its connection was kept")
        client.reset()

    def say_goodbye(self):
        """Whether the server has said goodbye, too. Its last word is what it handled (XEP-0198 §4)."""
        self.acknowledge()
        self._answered, self._leaving, restarts = 0, True, self.house.restarts
        self.client.send("</stream:stream>")
        goodbye = False
        try:
            while self.listen(DEADLINE) is not None:
                pass
            self.is_wrong_unless_restarted(restarts, "said goodbye and got no answer")
        except Gone as gone:
            goodbye = str(gone) == "close"
            if goodbye and not self._answered:
                self.is_wrong_unless_restarted(restarts, "was not told at the end what was handled")
        self.client.drop()
        self.client, self.granted = None, 0.0  # the session may be gone, or not
        return goodbye


TROUBLE = (Gone, Refused, Problem, OSError)
