# SPDX-License-Identifier: Apache-2.0
# Item 38: somebody fills the place where the messages for somebody else wait. He is told when it is full, with each message
# the same; what waits stays, in order; nobody else's place is smaller, and memory stays where it was.
import threading

from kit import MB, expect
from people import body_of, told
from xmpptest.waiting import eventually

CONFIG = "people"
ROOM = 40  # access.max_user_offline_messages


def bare(account):
    return f"{account[0]}@localhost"


def write(client, to, bodies, more="", kind="chat"):
    client.send("".join(f"<message type='{kind}' id='{body}' to='{to}'><body>{body}</body>{more}</message>" for body in bodies))


def refusals(client, count):
    """Waits for so many."""
    found = []
    while len(found) < count:
        message = client.stanza("message")
        expect(message.attributes.get("type") == "error", f"a sender hears {message.show()}")
        found.append(refusal(message))
    return found


def refusal(message):
    """Which message was refused, and how."""
    return message.attributes["id"], [c.local for c in message.child("error").children if c.local != "text"][0]


def collect(house, account, count):
    """What waited, as it arrives: so many, and no more."""
    reader = house.member(account, available=False)
    reader.send("<presence/>")
    found = [reader.stanza("message") for _ in range(count)]
    found += told(reader)
    reader.close()
    expect(len(found) == count, f"{len(found)} messages have waited, not {count}")
    return found


def fill(house, mallory, victim):
    """One at a time, and then in masses."""
    with house.bounded("a flood for somebody who is away", memory=16 * MB, seconds=120):
        write(mallory, bare(victim), [f"m{number}" for number in range(400)])
        heard = refusals(mallory, 400 - ROOM)
        expect({c for _, c in heard} == {"service-unavailable"}, f"a full box answers {set(heard)}")
        expect([name for name, _ in heard] == [f"m{n}" for n in range(ROOM, 400)], "the first ones are kept")
        # What a sender gets back is an error, which nobody answers, and which takes no place.
        mallory.send(f"<message type='error' to='{bare(victim)}'><body>no</body><error type='cancel'/></message>" * 50)
        write(mallory, bare(victim), ["h"] * 50, kind="headline")
        expect(mallory.is_alive() and not told(mallory), "errors and headlines are not answered")


def neighbours(house, friend, victim):
    """The victim's box is full, no other one is."""
    other = house.account("other")
    write(friend, bare(other), ["to other"])
    write(friend, bare(victim), ["to victim"])
    expect([name for name, _ in refusals(friend, 1)] == ["to victim"], "the one is full, and the other is not")
    expect([body_of(m) for m in collect(house, other, 1)] == ["to other"], "what was kept for a neighbour arrives")


def several_writers(house):
    """The quota holds when many write at once."""
    victim, writers = house.account("crowded"), [house.member(wish="writer") for _ in range(4)]

    threads = [threading.Thread(target=write, args=(writer, bare(victim), [f"{writer.bare}.{number}" for number in range(30)]))
               for writer in writers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    refused = []

    def all_are_answered():
        refused.extend(message for writer in writers for message in told(writer))
        return len(refused) >= 120 - ROOM
    expect(eventually(all_are_answered), f"only {len(refused)} of 120 were refused")
    arrived = collect(house, victim, ROOM)
    for writer in writers:
        own = [int(body_of(m).rpartition(".")[2]) for m in arrived if m.attributes["from"] == writer.jid]
        expect(own == sorted(own), "what one has written arrives in order")


def large_ones(house, mallory):
    """Forty of the largest: they are not in memory, neither while they wait nor all at once when they are fetched."""
    victim = house.account("large")
    names = [f"l{number}" for number in range(ROOM + 3)]
    unwritten, again, refused = list(names), [], []

    def are_written():
        """On a disk that is slow just now too many are on their way to it at once: such a one is written again."""
        if unwritten:
            name = unwritten.pop(0)
            mallory.send(f"<message type='chat' id='{name}' to='{bare(victim)}'><body>{'x' * 200000}</body></message>")
        for name, condition in map(refusal, told(mallory)):
            if condition == "resource-constraint":
                again.append(name)
                unwritten.append(name)
            else:
                refused.append(name)
        return not unwritten and len(refused) >= 3

    with house.bounded("large messages for somebody who is away", memory=24 * MB, seconds=120):
        expect(eventually(are_written, within=60), f"there is no room for three of them: {refused}")
        expect(again or refused == names[ROOM:], f"the last ones, not {refused}")
    reader = house.member(victim, available=False)
    with house.bounded("fetching without reading", memory=16 * MB, seconds=60, peak=16 * MB):
        reader.send("<presence/>")
        for _ in range(20):
            expect(mallory.is_alive(), "others do not notice")
        reader.drop()
    collect(house, victim, ROOM)  # who did not take them gets them again


def attack(house):
    victim, mallory, friend = house.account("victim"), house.member(wish="mallory"), house.member(wish="friend")
    fill(house, mallory, victim)
    neighbours(house, friend, victim)
    arrived = [body_of(m) for m in collect(house, victim, ROOM)]
    expect(arrived == [f"m{number}" for number in range(ROOM)], f"what waited arrives in order: {arrived[:5]}…")
    write(friend, bare(victim), ["again"])
    expect(friend.is_alive() and not told(friend), "there is room again")
    expect([body_of(m) for m in collect(house, victim, 1)] == ["again"], "and what comes now is kept")
    # Nobody exists of that name: nothing is kept, and the answer is the same.
    write(mallory, "nobody@localhost", [f"n{number}" for number in range(60)])
    expect({c for _, c in refusals(mallory, 60)} == {"service-unavailable"}, "for nobody there is no box")
    nobody = house.server.new_account("nobody")
    write(mallory, bare(nobody), ["too early"])
    refusals(mallory, 1)
    client = house.stranger(opened=True)
    client.register(*nobody)
    client.drop()
    collect(house, nobody, 0)  # who registers later finds nothing
    several_writers(house)
    large_ones(house, mallory)
