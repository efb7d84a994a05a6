#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
# A chat client on slixmpp, moved by tools/run_clients.py: commands come on stdin, what happens goes to stdout.
#   slixmpp_chat.py ADDRESS PORT starttls|direct JID PASSWORD CA_FILE [register|resumes]
# With "resumes" a lost connection is not the end: "reconnect" makes a new one.
import asyncio
import os
import sys

import slixmpp

ADDRESS, PORT, MODE, JID, PASSWORD, CA_FILE = sys.argv[1:7]
REGISTER, RESUMES = sys.argv[7:] == ["register"], sys.argv[7:] == ["resumes"]


def say(*words):
    print(*words, flush=True)


class Chat(slixmpp.ClientXMPP):
    def __init__(self):
        super().__init__(JID, PASSWORD)
        self.ca_certs = CA_FILE
        self.half_line, self.over = "", asyncio.Future()
        self.register_plugin("xep_0199")  # ping
        self.register_plugin("xep_0092")  # version
        self.register_plugin("xep_0054")  # vCard
        self.register_plugin("xep_0055", {"provide_search": False})
        self["xep_0092"].software_name, self["xep_0092"].version = "slixmpp", slixmpp.__version__
        if RESUMES:
            self.register_plugin("xep_0198")  # stream management
            self.add_event_handler("sm_enabled", lambda _: say("resumable"))
            self.add_event_handler("session_resumed", lambda _: say("resumed"))
        if REGISTER:
            self.register_plugin("xep_0066")
            self.register_plugin("xep_0077")
            self["xep_0077"].force_registration = True
            self._always_send_everything = True  # slixmpp 1.8 queues the request until after login otherwise
            self.add_event_handler("register", self.register_account)
        self.add_event_handler("session_start", self.went_online)
        self.add_event_handler("message", lambda m: say("message", m["from"], m["body"]))
        self.add_event_handler("presence_available", self.somebody_came)
        self.add_event_handler("presence_unavailable", lambda p: say("presence", p["from"], "unavailable"))
        # "failed_auth" comes for each mechanism that fails; this one when none is left.
        self.add_event_handler("failed_all_auth", lambda _: say("failed to authenticate by any mechanism"))
        self.add_event_handler("connection_failed", lambda why: say("failed to connect:", why))
        self.add_event_handler("disconnected", self.went_offline)

    async def register_account(self, _form):
        request = self.Iq()
        request["type"] = "set"
        request["register"]["username"], request["register"]["password"] = self.boundjid.user, self.password
        try:
            await request.send()
            say("registered")
        except slixmpp.exceptions.XMPPError as problem:
            say("failed to register:", problem.condition)

    def reach(self):
        self.connect((ADDRESS, int(PORT)), use_ssl=MODE == "direct", force_starttls=MODE == "starttls")

    def went_offline(self, _reason):
        say("offline")
        if not RESUMES and not self.over.done():
            self.over.set_result(True)

    def went_online(self, _event):
        self.send_presence()
        say("online", self.boundjid.full, self["feature_mechanisms"].mech.name)

    def somebody_came(self, presence):
        say("presence", presence["from"], "available")
        photo = presence.xml.find("{vcard-temp:x:update}x/{vcard-temp:x:update}photo")
        if photo is not None and photo.text:
            say("avatar", presence["from"], photo.text)

    def commands_came(self):
        """Reads below Python's buffers: what they held back would not wake the loop."""
        data = os.read(sys.stdin.fileno(), 65536)
        *lines, self.half_line = (self.half_line + data.decode()).split("\n")
        for line in lines if data else ["quit"]:
            self.command(line)

    def command(self, line):
        verb, _, rest = line.strip().partition(" ")
        to, _, text = rest.partition(" ")
        if verb == "message":
            self.send_message(mto=to, mbody=text, mtype="chat")
        elif verb == "presence":
            self.send_presence(pto=to)
        elif verb == "ping":
            asyncio.ensure_future(self.ping(to))
        elif verb == "version":
            asyncio.ensure_future(self.ask_version(to))
        elif verb == "introduce":
            asyncio.ensure_future(self.introduce(rest))
        elif verb == "who":
            asyncio.ensure_future(self.ask_who(to))
        elif verb == "search":
            asyncio.ensure_future(self.search(rest))
        elif verb == "reconnect":
            self.reach()
        elif verb == "quit":
            self.loop.remove_reader(sys.stdin)
            asyncio.ensure_future(self.leave())

    async def leave(self):
        await self.disconnect()
        if not self.over.done():
            self.over.set_result(True)

    async def ping(self, to):
        await self["xep_0199"].send_ping(to)
        say("pong", to)

    async def ask_version(self, to):
        answer = await self["xep_0092"].get_version(to)
        say("version", to, answer["software_version"]["name"])

    async def introduce(self, name):
        card = self["xep_0054"].make_vcard()
        card["FN"] = name
        card["PHOTO"]["TYPE"], card["PHOTO"]["BINVAL"] = "image/png", b"hello"
        await self["xep_0054"].publish_vcard(card)
        self.send_presence()
        say("introduced")

    async def ask_who(self, whom):
        answer = await self["xep_0054"].get_vcard(whom, cached=False)
        say("who", whom, answer["vcard_temp"]["FN"])

    async def search(self, name):
        request = self["xep_0055"].make_search_iq(ito=f"vjud.{self.boundjid.domain}")
        request["search"]["form"].add_field("fn", value=name)
        answer = await request.send()
        form = "{jabber:x:data}"
        found = [value.text for value in answer.xml.findall(f".//{form}item/{form}field[@var='jid']/{form}value")]
        say("found", *found)


def main():
    chat = Chat()
    chat.loop.add_reader(sys.stdin, chat.commands_came)
    chat.reach()
    chat.loop.run_until_complete(chat.over)


main()
