#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Asked to stop (SIGTERM) at random moments while clients log in, talk, break off and stay silent, the server ends with
# code 0.
#   tests/durability/stops.py [--server build/release/meerkat] [--rounds 20] [--seed N]
import argparse
import random
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))
from xmpptest.client import Client, Refused  # noqa: E402
from xmpptest.server import ROOT, DidNotStart, Server, default_binary, summary  # noqa: E402
from xmpptest.wire import Problem  # noqa: E402

WORKERS = 6


class Crowd:
    """Clients of one server, each with its own way to be a nuisance, until `over`."""

    def __init__(self, server, seed):
        self.server, self.over, self.seed = server, threading.Event(), seed
        self.accounts, self.online = [], []  # online: full addresses, most of them gone already

    def visit(self, chance):
        tls = chance.random() < 0.5
        client = Client(self.server.tls_address if tls else self.server.address)
        try:
            if chance.random() < 0.1:
                return  # without a word
            if tls:
                client.handshake()
            client.secure()
            if not self.accounts or chance.random() < 0.2:
                account = self.server.new_account("visitor")
                client.register(*account)
                self.accounts.append(account)
            self.stay(client, chance)
        finally:
            client.reset() if chance.random() < 0.5 else client.drop()

    def stay(self, client, chance):
        client.log_in(*chance.choice(self.accounts), resource=f"r{chance.randrange(4)}")
        self.online.append(client.jid)
        client.send("<presence/>")
        for number in range(chance.randrange(40)):
            to = chance.choice(self.online[-20:])
            bare_or_full = to if number % 3 else to.partition("/")[0]
            client.send(f"<message to='{bare_or_full}' type='chat'><body>hello</body></message>"
                        f"<iq type='get' id='v{number}' to='{to}'><ping xmlns='urn:xmpp:ping'/></iq>")
        if chance.random() < 0.5:
            client.ask("get", "<ping xmlns='urn:xmpp:ping'/>", self.server.host)
        if chance.random() < 0.3:
            client.close()

    def come_and_go(self, number):
        chance = random.Random(f"{self.seed} {number}")
        while not self.over.is_set():
            try:
                self.visit(chance)
            except (Problem, OSError, Refused):
                pass  # replaced by somebody with the same resource, or the server has stopped


def one_stop(binary, chance):
    """Nothing, or what went wrong."""
    server = Server(binary, ROOT / "tests/durability/stops.toml")
    try:
        server.start()
    except (DidNotStart, OSError) as problem:
        return str(problem)
    crowd = Crowd(server, chance.random())
    with ThreadPoolExecutor(WORKERS) as pool:
        visitors = [pool.submit(crowd.come_and_go, number) for number in range(WORKERS)]
        time.sleep(chance.uniform(0.05, 1.5))  # the random moment is what is tested
        problem = server.stop()
        crowd.over.set()
    return problem or next((repr(visitor.exception()) for visitor in visitors if visitor.exception()), None)


def main():
    parser = argparse.ArgumentParser(description="Stops the server at random moments.")
    parser.add_argument("--server", type=Path, default=None, help="the program (default: the newest build)")
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    options = parser.parse_args()
    started, passed, failed = time.monotonic(), 0, 0
    chance, binary = random.Random(options.seed), (options.server or default_binary()).resolve()
    for number in range(1, options.rounds + 1):
        problem = one_stop(binary, chance)
        if problem:
            failed += 1
            print(f"FAILED  stop {number} ends well\n    {problem}\n", flush=True)
        else:
            passed += 1
    print(f"stops: seed {options.seed}")
    return summary("stops", passed, failed, started)


if __name__ == "__main__":
    sys.exit(main())
