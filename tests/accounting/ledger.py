# SPDX-License-Identifier: Apache-2.0
# The books of the accounting tests: who sent what, who was shown it and when, and what is wrong with that.
import collections
import threading
import time


class Session:
    """One stay of a device. What it was shown is sure once the server has answered something that was said later."""

    def __init__(self, account, device):
        self.account, self.device, self.began = account, device, time.monotonic()
        self.shown = []  # messages, itself or as a carbon copy
        self.sure_at = {}  # place in `shown` → when it became sure

    def show(self, message):
        self.shown.append(message)

    def is_sure_up_to(self, count):
        now = time.monotonic()
        for place in range(count):
            self.sure_at.setdefault(place, now)


class Ledger:
    def __init__(self):
        self._lock = threading.Lock()
        self.sent, self.sure, self.refused = {}, set(), set()  # id → account
        self.sessions = collections.defaultdict(list)

    def opens(self, session):
        with self._lock:
            self.sessions[session.account].append(session)

    def sends(self, message, account):
        with self._lock:
            self.sent[message] = account

    def server_has(self, messages):
        with self._lock:
            self.sure.update(messages)

    def refuses(self, message):
        with self._lock:
            self.refused.add(message)

    def faults(self):
        """What must not be, in words."""
        found = []
        for account, sessions in self.sessions.items():
            first_sure = {}
            for session in sessions:
                twice = [message for message, count in collections.Counter(session.shown).items() if count > 1]
                found += [f"{message} was shown twice in one stay of {account}/{session.device}" for message in twice]
                for place, when in session.sure_at.items():
                    message = session.shown[place]
                    first_sure[message] = min(when, first_sure.get(message, when))
            for session in sessions:
                found += [f"{message} came to {account}/{session.device} after somebody had taken it"
                          for message in session.shown
                          if first_sure.get(message, session.began) < session.began]
        seen = {message for sessions in self.sessions.values() for session in sessions for message in session.shown}
        found += [f"{message} to {self.sent[message]} was lost" for message in sorted(self.sure - seen - self.refused)]
        found += [f"{message} to {self.sent[message]} was refused" for message in sorted(self.refused)]
        found += [f"{message} was shown, and nobody had sent it" for message in sorted(seen - self.sent.keys())]
        return found

    def totals(self):
        stays = [session for sessions in self.sessions.values() for session in sessions]
        shown = sum(len(session.shown) for session in stays)
        return (f"{len(self.sent)} messages, {len(self.sure)} of them surely sent, {len(self.refused)} refused; "
                f"shown {shown} times in {len(stays)} stays")
