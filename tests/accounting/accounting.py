#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Every message is accounted for. Accounts have two devices each, which die in every way while others write to them; the
# server is stopped in the middle (SIGTERM) and started again. In the end each message was shown to a device, and none
# was shown again once a device had surely taken it. What "taken" means: docs/decisions/0008-delivery-log.md.
#   tests/accounting/accounting.py [--server build/release/meerkat] [--rounds 4] [--seconds 5] [--seed N]
import argparse
import random
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parents[1] / "tools"), str(HERE)]
from ledger import Ledger  # noqa: E402
from people import Device, Gone, Writer  # noqa: E402
from xmpptest.client import Client, Refused  # noqa: E402
from xmpptest.server import Server, default_binary, summary  # noqa: E402
from xmpptest.waiting import SLOWNESS  # noqa: E402
from xmpptest.wire import Problem  # noqa: E402

READERS, WRITERS = 4, 2


class Round:
    """The server runs, people come and go, and it is stopped while they do."""

    def __init__(self, server, ledger, readers, writers, seed):
        self.server, self.ledger, self.readers, self.writers = server, ledger, readers, writers
        self.seed, self.over = seed, threading.Event()

    def devices_of(self, account, resource):
        chance = random.Random(f"{self.seed} {account} {resource}")
        while not self.over.is_set():
            time.sleep(chance.uniform(0, 0.5))  # away
            try:
                Device(self.server, self.ledger, account, resource, chance, priority=chance.choice([0, 0, 1]),
                       carbons=chance.random() < 0.5).live_and_die()
            except (Gone, Refused, Problem, OSError):
                pass  # the server was stopped, or another has this resource

    def writes(self, account, number):
        chance = random.Random(f"{self.seed} {account}")
        try:
            writer = Writer(self.server, self.ledger, account, self.readers, chance, f"w{number}.{self.seed}")
            while True:
                writer.go_on()
        except (Gone, Problem, OSError):
            pass  # the server was stopped

    def run(self, seconds):
        with ThreadPoolExecutor(2 * READERS + WRITERS) as pool:
            people = [pool.submit(self.devices_of, account, resource)
                      for account in self.readers for resource in ("phone", "desk")]
            people += [pool.submit(self.writes, account, number) for number, account in enumerate(self.writers)]
            time.sleep(seconds)
            problem = self.server.stop()
            self.over.set()
            for each in people:
                each.result()
        return problem


def register(server, wish):
    account = server.new_account(wish)
    client = Client(server.address)
    client.open_stream()
    client.register(*account)
    client.drop()
    return account


def collect(server, ledger, accounts):
    """How many messages there were for these accounts."""
    with ThreadPoolExecutor(len(accounts)) as pool:
        return sum(pool.map(lambda account: take_all(server, ledger, account), accounts))


def take_all(server, ledger, account, quiet=3.0 * SLOWNESS):
    """A device takes all that is left."""
    device = Device(server, ledger, account, "last", random.Random(0))
    heard = time.monotonic()
    while time.monotonic() - heard < quiet:
        if device.listen(0.2) is not None:
            heard = time.monotonic()
        device.confirm()
    device.say_goodbye()
    return len(device.session.shown)


def main():
    parser = argparse.ArgumentParser(description="Accounts for every message while devices and the server die.")
    parser.add_argument("--server", type=Path, default=None, help="the program (default: the newest build)")
    parser.add_argument("--rounds", type=int, default=4, help="how often the server is stopped")
    parser.add_argument("--seconds", type=float, default=5, help="how long it runs each time")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    options = parser.parse_args()
    started, ledger, faults = time.monotonic(), Ledger(), []
    server = Server((options.server or default_binary()).resolve(), HERE / "accounting.toml")
    server.start()
    readers = [register(server, "reader") for _ in range(READERS)]
    writers = [register(server, "writer") for _ in range(WRITERS)]
    for number in range(options.rounds):
        if number > 0:
            server.start()
        problem = Round(server, ledger, readers, writers, f"{options.seed}.{number}").run(options.seconds)
        faults += [f"round {number}: {problem}"] if problem else []
    server.start()
    left, again = collect(server, ledger, readers), collect(server, ledger, readers)
    faults += ledger.faults() + ([f"{again} messages were still there after all had been taken"] if again else [])
    faults += [problem] if (problem := server.stop()) else []
    for fault in faults[:20]:
        print(f"FAILED  {fault}", flush=True)
    print(f"accounting: seed {options.seed}; {ledger.totals()}, {left} at the end")
    return summary("accounting", len(ledger.sent) - len(faults), len(faults), started)


if __name__ == "__main__":
    sys.exit(main())
