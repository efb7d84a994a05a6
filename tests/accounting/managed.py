#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Every message is accounted for, with stream management (XEP-0198). Some write and some read; their connections are
# reset, ended, silent or taken over, they come back in time or too late, and the server is restarted (SIGTERM). In the
# end each message that the server had accepted was shown to each device that was there for it, or to one that came
# later: none lost, none twice, none out of order.
#   tests/accounting/managed.py [--server build/release/meerkat] [--seconds 60] [--seed N]
import argparse
import random
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parents[1] / "tools"), str(HERE)]
from managed_books import Books  # noqa: E402
from managed_client import House  # noqa: E402
from managed_people import Reader, Writer  # noqa: E402
from xmpptest.client import Client  # noqa: E402
from xmpptest.server import Server, default_binary, summary  # noqa: E402
from xmpptest.waiting import SLOWNESS  # noqa: E402

WRITERS, ALONE, PAIRS = 3, 3, 3
DEVICES = ("phone", "desk")
RESTART_AFTER = (50, 110)  # so many resumptions
LONG_ENOUGH = 60.0 * SLOWNESS  # for sessions to end that nobody resumes


def register(house, wish):
    account = house.server.new_account(wish)
    client = Client(house.address())
    client.open_stream()
    client.register(*account)
    client.drop()
    return account


class Last(Reader):
    """Comes when all others have gone, waits until their sessions are over, and takes what is left."""

    def __init__(self, house, books, account):
        super().__init__(house, books, account, "last", random.Random(0), False)
        self.others = set()

    def heard(self, element):
        super().heard(element)
        resource = element.attributes.get("from", "").partition("/")[2]
        if element.local == "presence" and resource != self.resource:
            (self.others.discard if element.attributes.get("type") == "unavailable" else self.others.add)(resource)

    def take_all(self):
        """How many messages there were."""
        self.begin()
        until = time.monotonic() + LONG_ENOUGH
        while self.others and time.monotonic() < until:
            self.listen(0.2)
        if self.others:
            self.books.fault(f"{self.account[0]}: {', '.join(sorted(self.others))} does not end")
        self.listen_until_quiet()
        self.confirm()
        self.leaves()
        return len(self.stay.shown)


class Village:
    def __init__(self, house, seed):
        self.house, self.books, self.seed = house, Books(), seed
        alone = [register(house, "alone") for _ in range(ALONE)]
        pairs = [register(house, "pair") for _ in range(PAIRS)]
        self.accounts = alone + pairs
        addresses = [(name, "") for name, _ in self.accounts]
        addresses += [(name, device) for name, _ in pairs for device in DEVICES]
        self.writers = [Writer(house, self.books, register(house, "writer"), self._chance(f"writer {number}"),
                               f"w{number}", addresses) for number in range(WRITERS)]
        self.readers = [Reader(house, self.books, account, "only", self._chance(account), True) for account in alone]
        self.readers += [Reader(house, self.books, account, device, self._chance(account, device), False)
                         for account in pairs for device in DEVICES]

    def _chance(self, *whose):
        return random.Random(f"{self.seed} {whose}")

    def run(self, seconds):
        """What went wrong with the server, if anything."""
        problems, writing, reading = [], threading.Event(), threading.Event()
        with ThreadPoolExecutor(len(self.writers) + len(self.readers)) as pool:
            writers = [pool.submit(writer.live, writing) for writer in self.writers]
            readers = [pool.submit(reader.live, reading) for reader in self.readers]
            problems += self._restart_until(time.monotonic() + seconds)
            for over, people in ((writing, writers), (reading, readers)):
                over.set()
                for each in people:
                    each.result()
        return [problem for problem in problems if problem]

    def _restart_until(self, end):
        chance = self._chance("restarts")
        while self.books.wait_for("resumptions", chance.randrange(*RESTART_AFTER), end):
            self.books.happened("restarts")
            yield self.house.restart()

    def collect(self):
        with ThreadPoolExecutor(len(self.accounts)) as pool:
            return sum(pool.map(lambda account: Last(self.house, self.books, account).take_all(), self.accounts))


def main():
    parser = argparse.ArgumentParser(description="Accounts for every message with stream management.")
    parser.add_argument("--server", type=Path, default=None, help="the program (default: the newest build)")
    parser.add_argument("--seconds", type=float, default=60, help="how long people write and read")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    options = parser.parse_args()
    started = time.monotonic()
    print(f"seed {options.seed}", flush=True)
    house = House(Server((options.server or default_binary()).resolve(), HERE / "managed.toml"))
    house.start()
    village = Village(house, options.seed)
    faults = village.run(options.seconds)
    left, again = village.collect(), village.collect()
    faults += [problem] if (problem := house.stop()) else []
    faults += village.books.faults()
    faults += [f"{again} messages were still there after all had been taken"] if again else []
    for fault in faults[:20]:
        print(f"FAILED  {fault}", flush=True)
    if faults:
        print(house.server.log_tail(40), flush=True)
    print(f"seed {options.seed}; {village.books.totals()}, {left} at the end")
    return summary("resumption", len(village.books.sent) - len(faults), len(faults), started)


if __name__ == "__main__":
    sys.exit(main())
