# SPDX-License-Identifier: Apache-2.0
# The memory of the server: it turns newcomers away before the kernel kills it, and welcomes them when there is room again.
import contextlib
import itertools
import os
import re
import socket
import time
from pathlib import Path

from kit import HEADER, NO_PACE, Problem, counts_bytes, login, raw, server, user
from xmpptest.runner import LeftOut, expect, test
from xmpptest.waiting import eventually

OPEN = HEADER.format(host="localhost").encode()
PING = "<ping xmlns='urn:xmpp:ping'/>"
MB = 1 << 20
MOST_SECONDS_UNTIL_WELL = 4  # after those who took the memory have gone


@contextlib.contextmanager
def control_group(limit):
    """A group of processes that may take so many bytes: the words that enter it, in front of a command, and a function
    that tells how many processes the kernel has killed in it."""
    root = Path("/sys/fs/cgroup")
    second = (root / "cgroup.controllers").exists()
    group = (root if second else root / "memory") / f"meerkat-test-{os.getpid()}"
    try:
        if second:
            (root / "cgroup.subtree_control").write_text("+memory")
        group.mkdir()
        (group / ("memory.max" if second else "memory.limit_in_bytes")).write_text(str(limit))
    except OSError as problem:
        with contextlib.suppress(OSError):
            group.rmdir()
        raise LeftOut(f"no control group for memory can be made: {problem}") from problem
    events = group / ("memory.events" if second else "memory.oom_control")
    def killed():
        return int(re.search(r"^oom_kill (\d+)", events.read_text(), re.MULTILINE).group(1))
    try:
        yield ("sh", "-c", f'echo $$ >{group}/cgroup.procs && exec "$@"', "sh"), killed
    finally:
        group.rmdir()


class SlowReader:
    """Somebody who writes to himself without end and never reads."""

    def __init__(self, running, name, size=100000):
        self.client = user(running, name)
        self.socket = self.client._socket
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self.socket.setblocking(False)
        self.message = f"<message to='{self.client.jid}'><body>{'x' * size}</body></message>".encode()
        self.rest = b""

    def writes(self):
        """False when the connection has ended."""
        try:
            while True:
                self.rest = self.rest or self.message
                self.rest = self.rest[self.socket.send(self.rest):]
        except BlockingIOError:
            return True
        except OSError:
            return False


def memory_at_rest(binary):
    with server(binary, NO_PACE) as running:
        user(running, "alice").drop()
        return running.memory()


def told(running, what):
    return len(running.logged(what))


def memory_events(running):
    return re.findall(r" what=(memory_\w+) ", running.log.read_text())


def slow_reader(running, name):
    """Nobody may come in while the last ones are still on their way out, so it is tried again, by another name."""
    made, attempts = [], itertools.count()

    def comes_in():
        try:
            made.append(SlowReader(running, f"{name}.{next(attempts)}"))
        except (Problem, OSError):
            return False
        return True

    expect(eventually(comes_in, MOST_SECONDS_UNTIL_WELL, every=0.1), f"{name} may not come in")
    return made[0]


def flood(running, names):
    """They write until the first of them are cut off. The readers, what a newcomer heard meanwhile, the most memory."""
    cut_off = told(running, "slow_readers_cut_off")
    readers = [slow_reader(running, name) for name in names]
    writing, refused, highest, until = list(readers), None, 0, time.monotonic() + 60
    while writing and time.monotonic() < until and told(running, "slow_readers_cut_off") == cut_off:
        writing = [reader for reader in writing if reader.writes()]
        highest = max(highest, running.memory())
        before = memory_events(running)
        if refused is None and before and before[-1] != "memory_well":
            heard = raw(running.address, OPEN)
            answered = heard and heard != b"(silence)"  # on a busy machine it may take longer than the asker waits
            refused = heard if answered and memory_events(running) == before else None
        time.sleep(0.02)
    return readers, refused, highest


def is_welcomed(running, name):
    try:
        return login(running, name) is None
    except (Problem, OSError):
        return False


def leave(running, readers):
    """Those who filled the memory go, and soon others may come in. How long that took."""
    for reader in readers:
        reader.client.reset()
    gone = time.monotonic()
    expect(eventually(lambda: is_welcomed(running, "probe"), MOST_SECONDS_UNTIL_WELL, every=0.1),
           f"{running.memory() / MB:.0f} MB are still taken, and nobody may come in")
    return time.monotonic() - gone


def bursts(running, times, readers, limit):
    """So often all memory is taken and given back; somebody who is there all the time does not notice."""
    probe, highest, longest = user(running, "probe"), 0, 0
    for number in range(times):
        taken, refused, peak = flood(running, [f"slow{number}.{one}" for one in range(readers)])
        probe.ask("get", PING, "localhost")
        highest, longest = max(highest, peak), max(longest, leave(running, taken))
        expect(refused is None or b"<resource-constraint" in refused, refused)
    probe.drop()
    print(f"limits: memory: limit {limit / MB:.0f} MB, highest {highest / MB:.0f} MB, newcomers waited {longest:.1f} s",
          flush=True)


@test("short of memory, newcomers are turned away and slow readers go, and then everybody may come again")
def memory_ceiling(binary):
    counts_bytes(binary)
    limit = memory_at_rest(binary) + 16 * MB
    with server(binary, NO_PACE + f"; memory = {limit}") as running:
        bursts(running, 3, 24, limit)
        expect(told(running, "slow_readers_cut_off"), "memory was never short")


@test("in a control group the server stays below what the kernel allows, and is not killed")
def control_group_limit(binary):
    counts_bytes(binary)
    limit = memory_at_rest(binary) + 128 * MB
    with control_group(limit) as (enter, killed):
        with server(binary, NO_PACE, prefix=enter) as running:
            bursts(running, 2, 48, limit)
            expect(told(running, "slow_readers_cut_off"), "memory was never short")
        expect(killed() == 0, f"the kernel killed {killed()} processes")
