# SPDX-License-Identifier: Apache-2.0
# Item 23, with stream management (XEP-0198): resumption by another user, ids that are guessed, `h` larger than what was
# sent, one session resumed by many at once, and storms of resumptions.
import threading

from kit import MB, Problem, expect
from managed import authenticated, enable, resume

CONFIG = "managed"
NOT_FOUND = ["item-not-found"]


def conditions(failed):
    return [child.local for child in failed.children]


def by_another_user(house):
    owner, sender = house.member(), house.member()
    previous = enable(owner)
    answers, mallory = [], house.account("mallory")
    for guess in (previous, "nobody-s", previous[:-1], previous.lower(), "", "&lt;" * 500):
        guesser = authenticated(house, mallory)
        resume(guesser, guess)
        answers.append(guesser.stanza("failed"))
        guesser.drop()
    guesser = authenticated(house, mallory)
    for number in range(10):
        resume(guesser, f"guess-{number}")
    expect(guesser.verdict() == "policy-violation", "nobody guesses for ever")
    expect(all(conditions(answer) == NOT_FOUND for answer in answers), "each id is unknown")
    expect(len({str(sorted(answer.attributes.items())) for answer in answers}) == 1, "and all answers are the same")
    sender.send(f"<message type='chat' id='still' to='{owner.jid}'><body>there</body></message>")
    expect(owner.stanza("message").attributes["id"] == "still", "its owner has noticed nothing")


def too_high(house):
    account = house.account()
    for count in (1, 2**31, 2**32 - 1):
        victim = house.member(account, resource="r", available=False)
        previous = enable(victim)
        thief = authenticated(house, account)
        resume(thief, previous, count)
        expect(thief.verdict() == "undefined-condition", f"h={count} was never sent")
    for count in ("-1", "4294967296", "x", "", "1e3"):
        odd = authenticated(house, account)
        resume(odd, "any", count)
        expect(conditions(odd.stanza("failed")) == ["bad-request"], f"h='{count}' is no number")
        odd.drop()


def by_many_at_once(house):
    account = house.account()
    for _ in range(8 if house.hard else 3):
        owner = house.member(account, resource="same")
        previous = enable(owner)
        owner.drop()
        contenders = [authenticated(house, account) for _ in range(12)]
        gate, outcomes = threading.Barrier(len(contenders)), []

        def contend(client):
            gate.wait(20)
            resume(client, previous)
            outcomes.append((client.stanza("resumed", "failed").local, client))
        threads = [threading.Thread(target=contend, args=(client,)) for client in contenders]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        winners = [client for local, client in outcomes if local == "resumed"]
        expect(len(outcomes) == 12 and len(winners) == 1, f"{len(winners)} of {len(outcomes)} have one session")
        expect(winners[0].is_alive(), "and the one it is has it")
        for client in contenders:
            client.drop()


def storm(house, number):
    """Everybody loses the connection and is back at the same moment, again and again."""
    account = house.account()
    sender = house.member()
    ids = {}
    for place in range(number):
        client = house.member(account, resource=f"r{place}", available=False)
        ids[place] = enable(client)
        client.drop()
    with house.bounded(f"{number} who come back at once", memory=8 * MB, seconds=20):
        for round_ in range(3):
            back, problems = {}, []

            def comes_back(place):
                try:
                    client = authenticated(house, account)
                    resume(client, ids[place])
                    client.stanza("resumed")
                    back[place] = client
                except Problem as problem:
                    problems.append(problem)
            threads = [threading.Thread(target=comes_back, args=(place,)) for place in ids]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            expect(not problems and len(back) == number, f"round {round_}: {len(back)} of {number} are back: {problems[:1]}")
            for client in back.values():
                client.drop()
    back = authenticated(house, account)
    resume(back, ids[0])
    jid = f"{account[0]}@localhost/r0"
    back.stanza("resumed")
    sender.send(f"<message type='chat' id='found' to='{jid}'><body>you</body></message>")
    expect(back.stanza("message").attributes["id"] == "found", "the sessions are what they were")


def attack(house):
    by_another_user(house)
    too_high(house)
    by_many_at_once(house)
    storm(house, 60 if house.hard else 30)
