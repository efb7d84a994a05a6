# SPDX-License-Identifier: Apache-2.0
# Item 56: all connections break and everybody comes back at the same moment: everybody gets in, nobody twice, those who
# stayed do not notice.
import threading
import time

from kit import MB, Problem, Refused, expect

ALONE = True  # it judges short times

PATIENT = ("temporary-auth-failure", "resource-constraint")  # honest words for "in a while"


def come_back(house, accounts, seats, tries):
    """Logs these accounts in, one after the other, until each is in."""
    for account in accounts:
        for _ in range(50):
            tries.append(1)
            try:
                seats.append(house.member(account, resource="storm", available=False))
                break
            except Refused as refusal:
                expect(refusal.condition in PATIENT, f"somebody comes back and hears {refusal.condition}")
                time.sleep(0.1)
            except Problem:
                time.sleep(0.1)


def attack(house):
    many, hands = (600, 24) if house.hard else (160, 16)
    accounts = [house.account() for _ in range(many)]
    shares = [accounts[number::hands] for number in range(hands)]
    for storm in range(2):
        seats, tries = [], []
        began = time.monotonic()
        with house.bounded(f"storm {storm + 1} of {many}", memory=10 * MB, seconds=40):
            threads = [threading.Thread(target=come_back, args=(house, share, seats, tries)) for share in shares]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        took = time.monotonic() - began
        expect(len(seats) == many, f"only {len(seats)} of {many} came back")
        expect(took < 30 * house.slowness, f"it took {took:.1f} s until all were back")
        for seat in seats[::10]:
            expect(seat.is_alive(), "who is back is served")
        for seat in seats:
            seat.reset()  # as when a network breaks
    time.sleep(0.1)
    expect(house.member(accounts[0], resource="last").is_alive(), "after the storm the house stands")
