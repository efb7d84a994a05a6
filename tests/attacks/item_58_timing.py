# SPDX-License-Identifier: Apache-2.0
# Item 58: the time of an answer tells nobody whether an account exists, or is online: what strangers are refused takes the
# same time for all. What joins later: being blocked, tenants of dynamic domains.
import time

from kit import expect

ALONE = True  # it judges short times
CONFIG = "one_worker"

QUESTIONS = {
    "a question of a module": "<iq type='get' id='{1}' to='{0}'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>",
    "a ping": "<iq type='get' id='{1}' to='{0}'><ping xmlns='urn:xmpp:ping'/></iq>",
    "a question nobody knows": "<iq type='get' id='{1}' to='{0}'><x xmlns='urn:example:x'/></iq>",
    "a change": "<iq type='set' id='{1}' to='{0}'><query xmlns='jabber:iq:register'><remove/></query></iq>",
}
OFFLINE_ONLY = {"a message": "<message type='chat' id='{1}' to='{0}'><body>x</body></message>"}
TO_A_RESOURCE = {"a ping to a resource": "<iq type='get' id='{1}' to='{0}/none'><ping xmlns='urn:xmpp:ping'/></iq>"}


def answer(member, frame, to, number):
    began = time.perf_counter()
    member.send(frame.format(to, f"n{number}"))
    heard = member.stanza("iq", "message")
    took = time.perf_counter() - began
    expect(heard.attributes["id"] == f"n{number}" and heard.attributes["type"] == "error", f"{to} answers {heard.show()}")
    member.transcript.clear()
    return took, heard.child("error").children[0].local


def compare(house, member, name, frame, whom, rounds):
    """By the shortest times, because noise only adds: with more rounds it goes, and what the server does differently
    stays."""
    times, words = {kind: [] for kind in whom}, set()
    for _ in range(8):
        for number in range(rounds):
            for kind, to in whom.items():
                took, condition = answer(member, frame, to, number)
                times[kind].append(took)
                words.add(condition)
        expect(len(words) == 1, f"{name} is answered in several ways: {words}")
        least = {kind: min(taken) for kind, taken in times.items()}
        if max(least.values()) - min(least.values()) < 0.25 * min(least.values()) + 40e-6 * house.slowness:
            return
    expect(False, f"{name} takes " + ", ".join(f"{kind} {value * 1e6:.0f} µs" for kind, value in least.items()))


def attack(house):
    member = house.member()
    offline, online = house.account("offline"), house.member(wish="online")
    seen = house.member(wish="seen")  # was here once
    seen.drop()
    whom = {"online": online.bare, "offline": f"{offline[0]}@localhost", "seen": seen.bare, "nobody": "nobody@localhost"}
    rounds = 200 if house.hard else 40
    for name, frame in (QUESTIONS | TO_A_RESOURCE).items():
        compare(house, member, name, frame, whom, rounds)
    without_online = {kind: to for kind, to in whom.items() if kind != "online"}
    for name, frame in OFFLINE_ONLY.items():
        compare(house, member, name, frame, without_online, rounds)
    # The first question about a name is no slower than the second: nobody is remembered by it.
    times = {"fresh": [], "nobody": []}
    for attempt in range(4):
        for number, name in enumerate([house.account("fresh")[0] for _ in range(8)]):
            for kind, to in ("fresh", name), ("nobody", f"nobody{attempt}.{number}"):
                times[kind].append(answer(member, QUESTIONS["a ping"], f"{to}@localhost", number)[0])
        one, other = min(times["fresh"]), min(times["nobody"])
        if abs(one - other) < 0.25 * min(one, other) + 60e-6 * house.slowness:
            return
    expect(False, f"first questions take {one * 1e6:.0f} µs for an account and {other * 1e6:.0f} µs for nobody")
