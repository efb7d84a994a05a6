# SPDX-License-Identifier: Apache-2.0
# Those who write and those who read, with stream management, over connections that are lost in every way.
import time

from managed_books import Sent, Shown, Stay
from managed_client import TROUBLE, ManagedClient
from people import Gone
from xmpptest.waiting import SLOWNESS

CARBONS = "urn:xmpp:carbons:2"
DELAY = "urn:xmpp:delay"
SILENCE = 4.0  # longer than the server waits for a sign of life
TOO_LONG = 6.0  # longer than a session is kept


def message_in(element):
    """A message, or the one in a carbon copy; nothing when it is no message of ours."""
    late = element.child("delay", DELAY) is not None
    for form in ("received", "sent"):
        if (copy := element.child(form, CARBONS)) is not None:
            element = copy.child("forwarded").child("message")
            late = late or element.child("delay", DELAY) is not None
    return Shown(element.attributes.get("id", "?"), late)


class Person(ManagedClient):
    """Comes, does what there is to be done, and loses the connection, again and again."""

    def __init__(self, house, books, account, resource, chance):
        super().__init__(house, books, account, resource)
        self.chance, self.over = chance, None

    def live(self, over):
        self.over = over
        while not over.is_set():
            self.attempt(self.live_once)
        if not any(self.attempt(self.finish) for _ in range(5)):
            self.books.fault(f"{self.account[0]}/{self.resource} comes to no good end")

    def attempt(self, what):
        """Whether it was done. What hinders it is the end of a connection, or the restart of the server."""
        restarts = self.house.restarts
        try:
            what()
            return True
        except Gone:
            pass
        except TROUBLE as trouble:
            self.is_wrong_unless_restarted(restarts, f"was hindered: {trouble}")
        self.lose()
        return False

    def live_once(self):
        self.come()
        self.be_there()
        self.chance.choice(self.WAYS)(self)
        self.over.wait(self.chance.choice([0.0, self.chance.uniform(0, 0.5)]))

    def come(self):
        if self.id is not None and self.client is None and self.resume():
            return
        if self.client is None:
            self.begin()

    # Ways to go.
    def is_reset(self):
        self.lose()

    def ends(self):
        self.lose("end of file")

    def is_silent(self):
        self.over.wait(SILENCE)
        self.lose()

    def moves(self):
        """Another connection takes over while this one is there."""
        self.resume()

    def moves_out_of_silence(self):
        self.over.wait(self.chance.uniform(0, 1))
        self.resume()

    def stays_away(self):
        self.lose()
        self.over.wait(TOO_LONG)

    def leaves(self):
        if self.say_goodbye():
            self.id = None


class Reader(Person):
    """A device. Alone, it is the only one of its account, and everything comes to it in order."""

    WAYS = ([Person.is_reset] * 4 + [Person.ends] * 4 + [Person.moves] * 2 + [Person.moves_out_of_silence]
            + [Person.is_silent, Person.stays_away, Person.leaves])

    def __init__(self, house, books, account, resource, chance, alone):
        super().__init__(house, books, account, resource, chance)
        self.alone, self.stay = alone, None
        self.is_lazy = False

    def heard(self, element):
        if element.local == "message":
            self.stay.shown.append(message_in(element))

    def answers_at_once(self):
        return not self.is_lazy

    def acknowledges(self):
        self.stay.acknowledges()

    def resumed(self):
        self.stay.is_sure_up_to(self.stay.said)

    def confirm(self, **more):
        shown = len(self.stay.shown)
        super().confirm(**more)
        self.stay.is_sure_up_to(shown)

    def begin(self):
        self.stay = Stay(self.account[0], self.resource, self.alone)
        self.books.opens(self.stay)
        super().begin()
        self.send("<presence/>")
        self.confirm()
        self.stay.available_at = time.monotonic()

    def come(self):
        if not self.alone and self.client is None and self.chance.random() < 0.1:
            self.id = None  # a device that was set up anew
        super().come()

    def be_there(self):
        self.is_lazy = self.chance.random() < 0.3
        for _ in range(self.chance.randrange(6)):
            self.listen_for(self.chance.uniform(0, 0.4))
            if self.chance.random() < 0.5:
                self.confirm()
            if not self.alone and self.chance.random() < 0.1:
                self.change_carbons()

    def change_carbons(self):
        wish = self.chance.choice(["enable", "disable"])
        self.stay.carbons_at, before = None, self.stay.carbons_at
        self.send(f"<iq type='set' id='carbons'><{wish} xmlns='{CARBONS}'/></iq>")
        self.confirm()
        if wish == "enable":
            self.stay.carbons_at = before or time.monotonic()

    def leaves(self):
        self.acknowledge()
        said = self.stay.said
        if self.say_goodbye():
            self.stay.is_sure_up_to(said)
            self.id = None

    def finish(self):
        self.is_lazy = False
        self.come()
        self.listen_until_quiet()
        self.confirm()
        self.stay.is_complete = True
        self.leaves()


class Writer(Person):
    """Writes to everybody, and sends again what the server has not acknowledged."""

    WAYS = ([Person.is_reset] * 4 + [Person.ends] * 4 + [Person.moves] * 2
            + [Person.moves_out_of_silence, Person.is_silent, Person.stays_away, Person.leaves])

    def __init__(self, house, books, account, chance, name, addresses):
        super().__init__(house, books, account, "pen", chance)
        self.name, self.addresses, self.number = name, addresses, 0

    def heard(self, element):
        if element.local == "message" and element.attributes.get("type") == "error":
            self.books.fault(f"refused: {element.show()}")

    def was_accepted(self, message):
        self.books.accepts(message)

    def write(self):
        account, resource = self.chance.choice(self.addresses)
        self.number += 1
        message = f"{self.name}.{self.number}"
        self.books.sends(message, Sent(account, resource, time.monotonic()))
        to = f"{account}@localhost" + (f"/{resource}" if resource else "")
        self.send(f"<message id='{message}' type='chat' to='{to}'><body>{message}</body></message>", message)

    def begin(self):
        """What the former session did not accept is sent again in this one."""
        left = [each for each in self.unacknowledged if each[2]]
        try:
            super().begin()
        except BaseException:
            self.unacknowledged.extend(left)
            raise
        for _, text, message in left:
            self.send(text, message)

    def be_there(self):
        for _ in range(self.chance.randrange(1, 8)):
            for _ in range(self.chance.randrange(1, 8)):
                self.write()
            if self.chance.random() < 0.5:
                self.confirm()
            self.listen_for(self.chance.uniform(0.02, 0.25) * SLOWNESS)

    def finish(self):
        self.come()
        self.confirm()
        self.leaves()
