# SPDX-License-Identifier: Apache-2.0
# People with slixmpp clients, moved by tests that are written one step after the other: each client lives in the event
# loop of one thread, and a test waits for what it hears.
import asyncio
import threading
import time

import slixmpp

DEADLINE = 30
PLUGINS = ("xep_0030", "xep_0049", "xep_0054", "xep_0092", "xep_0115", "xep_0153", "xep_0184", "xep_0191", "xep_0199",
           "xep_0203", "xep_0280", "xep_0352")


class Unheard(Exception):
    """What was waited for did not come."""


class Loop:
    """The thread in which all clients live."""

    def __init__(self):
        self.loop = asyncio.new_event_loop()
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self):
        asyncio.set_event_loop(self.loop)
        self.loop.run_forever()

    def does(self, coroutine):
        """Waits for what the coroutine brings, or throws what it throws."""
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(DEADLINE)


    def end(self):
        """Nothing goes on in it any more."""
        async def cancel():
            for task in asyncio.all_tasks():
                if task is not asyncio.current_task():
                    task.cancel()
        self.does(cancel())
        self.loop.call_soon_threadsafe(self.loop.stop)


class Person:
    """Somebody with an account and one client. Stanzas that come are kept until a test asks for them."""

    def __init__(self, loop, address, jid, password, certificate):
        self._loop, self._address = loop, address
        self._stanzas, self._came = [], threading.Condition()
        self.client = loop.does(self._make(jid, password, certificate))

    async def _make(self, jid, password, certificate):
        client = slixmpp.ClientXMPP(jid, password)
        client.ca_certs = certificate
        for plugin in PLUGINS:
            client.register_plugin(plugin)
        client.auto_authorize, client.auto_subscribe = None, False  # people decide for themselves
        for event in ("message", "message_error", "presence", "roster_update", "carbon_received", "carbon_sent",
                      "blocked", "unblocked", "session_start", "disconnected", "failed_all_auth", "receipt_received"):
            client.add_event_handler(event, lambda stanza, event=event: self._hears(event, stanza))
        return client

    def _hears(self, event, stanza):
        with self._came:
            self._stanzas.append((event, stanza))
            self._came.notify_all()

    @property
    def bare(self):
        return self.client.boundjid.bare

    @property
    def full(self):
        return self.client.boundjid.full

    def connects(self):
        """As far as the session; says nothing of presence."""
        async def connect():
            self.client.connect(self._address, force_starttls=True)
        self._loop.does(connect())
        self.hears("session_start")
        return self

    def comes_online(self, priority=0, **presence):
        self.connects()
        self.asks(self.client.get_roster)
        self.shows(ppriority=priority, **presence)
        self.hears("presence", lambda p: p["from"] == self.full)
        return self

    def shows(self, **presence):
        self._call(self.client.send_presence, **presence)

    def leaves(self):
        async def leave():
            self.client.disconnect(wait=1.0)
        self._loop.does(leave())
        self.hears("disconnected")

    def breaks(self):
        """The connection is gone without a word."""
        self._call(self.client.abort)
        self.hears("disconnected")

    def goes(self):
        """At the end of the day, whatever came before."""
        self._call(self.client.abort)

    def writes(self, to, body, **more):
        self._call(self.client.send_message, mto=to, mbody=body, mtype=more.pop("mtype", "chat"), **more)

    def asks(self, method):
        """For what slixmpp answers later: called in its thread, awaited here."""
        async def call():
            return await method()
        return self._loop.does(call())

    def subscribes_to(self, other):
        self.shows(pto=other.bare, ptype="subscribe")

    def roster(self):
        """What the server says now, whatever version the client has: subscription by bare address."""
        answer = self.asks(lambda: self.client.make_iq_get(queryxmlns="jabber:iq:roster").send())
        return {str(jid): item["subscription"] for jid, item in answer["roster"]["items"].items()}

    def _call(self, function, **arguments):
        async def call():
            function(**arguments)
        self._loop.does(call())

    def hears(self, event, such=lambda stanza: True, within=DEADLINE):
        """The first such thing that was not asked for yet."""
        until = time.monotonic() + within
        with self._came:
            while True:
                for kept in self._stanzas:
                    if kept[0] == event and such(kept[1]):
                        self._stanzas.remove(kept)
                        return kept[1]
                left = until - time.monotonic()
                if left <= 0:
                    heard = "\n".join(f"      {each} {stanza}" for each, stanza in self._stanzas[-15:])
                    raise Unheard(f"{self.bare} did not hear such a {event}, but:\n{heard or '      nothing'}")
                self._came.wait(left)

    def hears_text(self, body):
        return self.hears("message", lambda m: m["body"] == body)

    def has_heard(self, event, such=lambda stanza: True):
        """After a round trip to the server, so that all is here which was on its way."""
        self.asks(lambda: self.client["xep_0199"].send_ping(self.client.boundjid.domain))
        with self._came:
            return any(each == event and such(stanza) for each, stanza in self._stanzas)
