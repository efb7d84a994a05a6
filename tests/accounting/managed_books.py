# SPDX-License-Identifier: Apache-2.0
# The books of the accounting with stream management: who sent what, which session handled it, what the server was told
# of that, and what is wrong with it.
import collections
import threading
import time
from typing import NamedTuple


class Shown(NamedTuple):
    message: str  # WRITER.NUMBER
    late: bool  # it came with a stamp (XEP-0203)


class Stay:
    """One session of a device, over all its connections."""

    def __init__(self, account, device, alone):
        self.account, self.device, self.alone = account, device, alone  # alone: the only device of its account
        self.began, self.shown = time.monotonic(), []
        self.said = 0  # so many of those shown have been acknowledged; the server may know
        self.sure_at = {}  # message → when the server surely knew that it was handled
        self.available_at = self.carbons_at = None  # since when, if it is so
        self.is_complete = False  # it lasted to the end, and heard all that was to be heard

    def acknowledges(self):
        self.said = len(self.shown)
        return self.said

    def is_sure_up_to(self, count):
        now = time.monotonic()
        for shown in self.shown[:count]:
            self.sure_at.setdefault(shown.message, now)


class Sent(NamedTuple):
    account: str
    resource: str  # empty: to the account
    when: float


class Books:
    def __init__(self):
        self._lock, self._faults = threading.Condition(), []
        self.sent, self.accepted = {}, set()  # accepted: the server has acknowledged it to the sender
        self.stays = collections.defaultdict(list)
        self.counts = collections.Counter()  # what happened, for the curious

    def opens(self, stay):
        with self._lock:
            self.stays[stay.account].append(stay)

    def sends(self, message, sent):
        with self._lock:
            self.sent[message] = sent

    def accepts(self, message):
        with self._lock:
            self.accepted.add(message)

    def happened(self, what):
        with self._lock:
            self.counts[what] += 1
            self._lock.notify_all()

    def wait_for(self, what, times, end):
        """Whether it has happened so often more before that moment."""
        with self._lock:
            wanted = self.counts[what] + times
            return self._lock.wait_for(lambda: self.counts[what] >= wanted, max(0.0, end - time.monotonic()))

    def fault(self, text):
        with self._lock:
            self._faults.append(text)

    def faults(self):
        """What must not be, in words."""
        stays = [stay for several in self.stays.values() for stay in several]
        found = list(self._faults)
        for stay in stays:
            found += [*self._twice(stay), *self._out_of_order(stay), *self._missing(stay)]
        for several in self.stays.values():
            found += self._after_it_was_taken(several)
        return found + self._lost(stays)

    @staticmethod
    def _twice(stay):
        counts = collections.Counter(shown.message for shown in stay.shown)
        return [f"duplicate: {message} was shown {count} times in one session of {stay.account}/{stay.device}"
                for message, count in counts.items() if count > 1]

    @staticmethod
    def _out_of_order(stay):
        """What one wrote to another comes in order. When an account has several devices, what one of them left to the
        other comes when it can."""
        found, last = [], {}
        for shown in stay.shown:
            if shown.late and not stay.alone:
                continue
            writer, _, number = shown.message.rpartition(".")
            if int(number) <= last.get(writer, 0):
                found.append(f"out of order: {shown.message} came to {stay.account}/{stay.device} after "
                             f"{writer}.{last[writer]}")
            last[writer] = max(int(number), last.get(writer, 0))
        return found

    def _missing(self, stay):
        """A session that lasted has got all that was for it from its beginning on."""
        if not stay.is_complete or stay.available_at is None:
            return []
        shown = {each.message for each in stay.shown}
        return [f"missing: {message} did not come to {stay.account}/{stay.device}"
                for message in self.accepted - shown if self._is_for(self.sent[message], stay)]

    @staticmethod
    def _is_for(sent, stay):
        if sent.account != stay.account or sent.when < stay.available_at:
            return False
        for_all = sent.resource in ("", stay.device)
        return for_all or (stay.carbons_at is not None and sent.when > stay.carbons_at)

    @staticmethod
    def _after_it_was_taken(stays):
        taken = {}
        for stay in stays:
            for message, when in stay.sure_at.items():
                taken[message] = min(when, taken.get(message, when))
        return [f"duplicate: {shown.message} came to {stay.account}/{stay.device} after somebody had taken it"
                for stay in stays for shown in stay.shown if taken.get(shown.message, stay.began) < stay.began]

    def _lost(self, stays):
        taken = {shown.message for stay in stays for shown in stay.shown[:stay.said]}
        seen = {shown.message for stay in stays for shown in stay.shown}
        return ([f"lost: {message} to {self.sent[message].account} was accepted and is nowhere"
                 for message in sorted(self.accepted - taken)]
                + [f"invented: {message} was shown, and nobody had sent it" for message in sorted(seen - set(self.sent))])

    def totals(self):
        stays = [stay for several in self.stays.values() for stay in several]
        shown = sum(len(stay.shown) for stay in stays)
        events = ", ".join(f"{count} {what}" for what, count in sorted(self.counts.items()))
        return (f"{len(self.sent)} messages, {len(self.accepted)} of them accepted, shown {shown} times in "
                f"{len(stays)} sessions; {events}")
