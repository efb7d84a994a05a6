#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Acknowledged means kept: the server is killed (SIGKILL) at random moments while accounts are registered and passwords
# changed. It must start again each time, and every acknowledged account must log in with its acknowledged password.
#   tests/durability/accounts.py [--server build/release/meerkat] [--rounds 100] [--seed N]
import argparse
import random
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))
from xmpptest.client import Client, Refused  # noqa: E402
from xmpptest.server import ROOT, DidNotStart, Server, default_binary, summary  # noqa: E402
from xmpptest.wire import Problem  # noqa: E402

WORKERS = 4


@dataclass
class Account:
    name: str
    password: str | None = None  # acknowledged; None: not even the registration was
    wish: str | None = None  # asked for and not acknowledged: either may be true now


class Trial:
    def __init__(self, binary, seed):
        self.random = random.Random(seed)
        self.server = Server(binary, ROOT / "tests/durability/accounts.toml")
        self.accounts, self.touched, self.killed = [], [], threading.Event()
        self.acknowledged = self.passed = self.failed = 0

    def outcome(self, sentence, problem):
        if problem:
            self.failed += 1
            print(f"FAILED  {sentence}\n    {problem}\n", flush=True)
        else:
            self.passed += 1
        return not problem

    def work(self, seed):
        """One user of many: registers, logs in, changes the password some times, begins again; until the kill."""
        chance = random.Random(seed)
        while not self.killed.is_set():
            try:
                self.one_account(chance)
            except (Problem, OSError):
                if not self.killed.is_set():
                    raise

    def one_account(self, chance):
        client = Client(self.server.address)
        try:
            client.secure()
            name, _ = self.server.new_account("user")
            account = Account(name, wish=f"first {chance.random()}")
            self.accounts.append(account)
            self.touched.append(account)
            client.register(name, account.wish)
            self.acknowledge(account)
            if chance.random() < 0.5:
                return
            client.log_in(name, account.password)
            for _ in range(chance.randrange(1, 6)):
                account.wish = f"changed {chance.random()}"
                client.register(name, account.wish)
                self.acknowledge(account)
        finally:
            client.drop()

    def acknowledge(self, account):
        account.password, account.wish = account.wish, None
        self.acknowledged += 1

    def round(self):
        self.touched, self.killed = [], threading.Event()
        with ThreadPoolExecutor(WORKERS) as pool:
            working = [pool.submit(self.work, self.random.random()) for _ in range(WORKERS)]
            time.sleep(self.random.uniform(0.02, 0.6))  # the random moment is what is tested
            self.killed.set()
            self.server.kill()
        return next((str(w.exception()) for w in working if w.exception()), None)

    def logs_in(self, account, password):
        client = Client(self.server.address)
        try:
            client.log_in(account.name, password)
            return True
        except Refused as refusal:
            if refusal.condition != "not-authorized":
                raise
            return False
        finally:
            client.drop()

    def is_kept(self, account):
        """Nothing, or what was lost. Afterwards the account has a known state again."""
        try:
            if account.wish and self.logs_in(account, account.wish):
                account.password, account.wish = account.wish, None
                return None
            if account.password:
                account.wish = None
                return None if self.logs_in(account, account.password) else f"{account.name} cannot log in any more"
            client = Client(self.server.address)  # the registration was never acknowledged and did not happen
            client.secure()
            client.register(account.name, account.wish)
            client.drop()
            account.password, account.wish = account.wish, None
            return None
        except (Problem, OSError) as problem:
            return f"{account.name}: {problem}"

    def lost(self, accounts):
        with ThreadPoolExecutor(WORKERS) as pool:
            return "\n    ".join(filter(None, pool.map(self.is_kept, accounts)))

    def starts(self, sentence):
        try:
            self.server.start()
            return self.outcome(sentence, None)
        except (DidNotStart, OSError) as problem:
            return self.outcome(sentence, str(problem))

    def run(self, rounds):
        if not self.starts("the server starts with an empty store"):
            return
        for number in range(1, rounds + 1):
            trouble = self.round()
            self.outcome(f"registrations and changes are served until kill {number}", trouble)
            if not self.starts(f"the server starts after kill {number}"):
                return
            self.outcome(f"nothing acknowledged before kill {number} is lost", self.lost(self.touched))
        self.outcome("every account ever acknowledged logs in at the end", self.lost(self.accounts))
        self.outcome("the server ends well", self.server.stop())


def main():
    parser = argparse.ArgumentParser(description="Kills the server while accounts change, and looks what is left.")
    parser.add_argument("--server", type=Path, default=None, help="the program (default: the newest build)")
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    options = parser.parse_args()
    started = time.monotonic()
    trial = Trial((options.server or default_binary()).resolve(), options.seed)
    try:
        trial.run(options.rounds)
    finally:
        if trial.server.process and trial.server.process.poll() is None:
            trial.server.kill()
    print(f"durability: seed {options.seed}, {options.rounds} rounds, {len(trial.accounts)} accounts, "
          f"{trial.acknowledged} acknowledgements")
    return summary("durability", trial.passed, trial.failed, started)


if __name__ == "__main__":
    sys.exit(main())
