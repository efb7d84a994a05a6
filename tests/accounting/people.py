# SPDX-License-Identifier: Apache-2.0
# Devices that come, read and die in every way, and those who write to them.
import socket
import time

from ledger import Session
from xmpptest.client import Client
from xmpptest.wire import Problem

PING = "<ping xmlns='urn:xmpp:ping'/>"
SILENCE = 4.0  # longer than the server waits for a sign of life


CARBONS = "<enable xmlns='urn:xmpp:carbons:2'/>"


def message_in(element):
    """The id of a message, or of the one in a carbon copy."""
    for form in ("received", "sent"):
        if (copy := element.child(form, "urn:xmpp:carbons:2")) is not None:
            return copy.child("forwarded").child("message").attributes["id"]
    return element.attributes["id"]


class Gone(Exception):
    """The connection has ended."""


def next_element(client, within):
    """What the client is told next; nothing when there was nothing in time."""
    try:
        event = client.next("anything", within=within)
    except Problem:
        return None
    if event.kind != "stanza":
        raise Gone(event.kind)
    return event.element


class Speaker:
    """A client that keeps its books while it waits for answers."""

    def __init__(self, server, account, resource):
        self.client, self._pings = Client(server.address), 0
        self.client.log_in(*account, resource=resource)

    def heard(self, element):
        raise NotImplementedError

    def listen(self, within):
        """One element; nothing when there was none."""
        element = next_element(self.client, within)
        if element is not None:
            self.heard(element)
        return element

    def confirm(self, within=20.0):
        """The server has processed all that was said before, and has seen that we are alive."""
        self._pings += 1
        name, until = f"c{self._pings}", time.monotonic() + within
        self.client.send(f"<iq type='get' id='{name}' to='localhost'>{PING}</iq>")
        while time.monotonic() < until:
            element = self.listen(until - time.monotonic())
            if element is not None and element.local == "iq" and element.attributes.get("id") == name:
                return
        raise Problem("no answer to a ping")


class Device(Speaker):
    def __init__(self, server, ledger, account, resource, chance, priority=0, carbons=False):
        self.session = Session(account[0], resource)
        super().__init__(server, account, resource)
        self.chance = chance
        self.owes_confirmation = True
        ledger.opens(self.session)
        if carbons:
            self.client.send(f"<iq type='set' id='carbons'>{CARBONS}</iq>")
        self.client.send(f"<presence><priority>{priority}</priority></presence>")

    def heard(self, element):
        if element.local == "message":
            self.session.show(message_in(element))
        elif element.local == "iq" and element.attributes.get("type") == "get":
            self.client.send(f"<iq type='result' id='{element.attributes['id']}' to='localhost'/>")
            self.owes_confirmation = True

    def confirm(self, within=20.0):
        shown = len(self.session.shown)
        self.owes_confirmation = False
        super().confirm(within)
        self.session.is_sure_up_to(shown)

    def read_for(self, seconds):
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            self.listen(left)

    def read_to_the_end(self):
        try:
            while True:
                self.listen(20.0)
        except Gone:
            pass

    # Ways to die. After a sign of life the server may take what it has written for read, so whoever breaks off without
    # reading to the end must have heard its answer: what was written behind that answer is nobody's yet.
    def die_by_reset(self):
        while self.owes_confirmation:
            self.confirm()
        self.client.reset()

    def die_by_end_of_file(self):
        self.client.another_socket().shutdown(socket.SHUT_WR)
        self.read_to_the_end()
        self.client.drop()

    def die_silently(self):
        while self.owes_confirmation:
            self.confirm()
        time.sleep(SILENCE)
        self.client.reset()

    def say_goodbye(self):
        shown = len(self.session.shown)
        self.client.send("</stream:stream>")
        self.read_to_the_end()
        self.session.is_sure_up_to(shown)
        self.client.drop()

    def live_and_die(self):
        for _ in range(self.chance.randrange(8)):
            self.read_for(self.chance.uniform(0, 0.15))
            if self.chance.random() < 0.5:
                self.confirm()
        way = self.chance.choice([self.die_by_reset, self.die_by_reset, self.die_by_end_of_file, self.say_goodbye,
                                  self.die_silently])
        way()


class Writer(Speaker):
    """Writes to everybody, and knows for sure what has reached the server."""

    def __init__(self, server, ledger, account, accounts, chance, name):
        super().__init__(server, account, "pen")
        self.ledger, self.accounts, self.chance, self.name = ledger, accounts, chance, name
        self.number, self.not_sure = 0, []

    def heard(self, element):
        if element.local == "iq" and element.attributes.get("type") == "get":
            self.client.send(f"<iq type='result' id='{element.attributes['id']}' to='localhost'/>")
        if element.local == "message" and element.attributes.get("type") == "error":
            self.ledger.refuses(element.attributes["id"])

    def write(self):
        to = self.chance.choice(self.accounts)[0]
        self.number += 1
        message = f"{self.name}.{self.number}"
        self.ledger.sends(message, to)
        self.not_sure.append(message)
        address = f"{to}@localhost" + self.chance.choice(["", "", "/desk"])
        self.client.send(f"<message id='{message}' type='chat' to='{address}'><body>{message}</body></message>")

    def confirm(self, within=20.0):
        messages, self.not_sure = self.not_sure, []
        super().confirm(within)
        self.ledger.server_has(messages)

    def go_on(self):
        for _ in range(self.chance.randrange(1, 8)):
            self.write()
        self.confirm()
        self.listen(self.chance.uniform(0.02, 0.15))
