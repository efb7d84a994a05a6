#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
# What people do with their accounts, by real clients: slixmpp, and profanity in a terminal.
#   tests/people/people.py [--server build/release/meerkat]
import contextlib
import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[2] / "tools"), str(Path(__file__).resolve().parent)]
import contacts  # noqa: E402
import conversations  # noqa: E402
import profiles  # noqa: E402
import terminal  # noqa: E402
from person import Loop, Person  # noqa: E402
from xmpptest.client import Client  # noqa: E402
from xmpptest.runner import run_tests, tests_of  # noqa: E402
from xmpptest.server import Server, running  # noqa: E402


class Town:
    """One server, and the people who come to it."""

    def __init__(self, server):
        self.server, self._loop, self._passwords, self._people = server, Loop(), {}, []
        self.certificate = server.directory / "localhost.pem"

    def newcomer(self, wish):
        """Somebody with a new account who has not logged in yet."""
        name, password = self.account(wish)
        return self.device(f"{name}@localhost", password)

    def account(self, wish):
        """A new account: its name and password."""
        name, password = self.server.new_account(wish)
        clerk = Client(self.server.address)
        clerk.secure()
        clerk.register(name, password)
        clerk.drop()
        self._passwords[f"{name}@localhost"] = password
        return name, password

    def device(self, bare, password=None):
        """Another client of the same account."""
        person = Person(self._loop, self.server.address, bare, password or self._passwords[bare], self.certificate)
        self._people.append(person)
        return person

    def friends(self, one="alice", other="bob"):
        """Two newcomers, online, who see each other."""
        first, second = self.newcomer(one).comes_online(), self.newcomer(other).comes_online()
        for asks, grants in ((first, second), (second, first)):
            asks.subscribes_to(grants)
            grants.hears("presence", lambda p, asks=asks: p["type"] == "subscribe" and p["from"].bare == asks.bare)
            grants.shows(pto=asks.bare, ptype="subscribed")
            asks.hears("presence", lambda p, grants=grants: p["type"] == "available" and p["from"] == grants.full)
        return first, second


    def close(self):
        for person in self._people:
            person.goes()
        self._loop.end()


@contextlib.contextmanager
def town(binary):
    with running(Server(binary, Path(__file__).with_name("people.toml"))) as server:
        with contextlib.closing(Town(server)) as here:
            yield here


if __name__ == "__main__":
    sys.exit(run_tests("people", "Real clients do what people do.",
                       tests_of(contacts, conversations, profiles, terminal), town))
