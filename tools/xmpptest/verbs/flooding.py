# SPDX-License-Identifier: Apache-2.0
# Verbs: one actor sends without a pause, and others must not notice.
import os
import time

from ..flood import Flood
from ..waiting import Waiting
from ..waiting import SLOWNESS
from ..wire import Problem
from .speaking import pings
from .verb import verb

FLOOD_DEADLINE = 60 * SLOWNESS
FLOOD_MEMORY = int(os.environ.get("MEERKAT_TEST_MEMORY", "64")) << 20  # sanitizers take more


@verb(r"floods (\S+) from (\d+) devices")
def floods(play, actor, target, count):
    """ACTOR/1, ACTOR/2 and so on send messages without a pause until one comes back: the other one is gone."""
    to = play.client(target).jid
    play.floods[actor] = [Flood(play.client(f"{actor}/{number + 1}"), to) for number in range(int(count))]


@verb(r"is answered at once while (\S+) floods")
def is_answered_at_once(play, actor, flooder):
    """At once: within a second, but for what the machine lets server and client wait for a processor. The server takes
    little memory meanwhile."""
    floods, before = play.floods[flooder], play.server.memory()
    waiting, until = Waiting(play.server.process.pid, os.getpid()), time.monotonic() + FLOOD_DEADLINE
    while not any(flood.is_over() for flood in floods):
        waited, asked = waiting.each(), time.monotonic()
        pings(play, actor)
        took, taken = time.monotonic() - asked - waiting.since(waited), play.server.memory() - before
        if took > SLOWNESS:
            raise Problem(f"{actor} waited {took:.2f} s for an answer")
        if taken > FLOOD_MEMORY:
            raise Problem(f"the server took {taken >> 20} MB during the flood")
        if asked > until:
            raise Problem(f"the flood went on for {FLOOD_DEADLINE} s")
        time.sleep(0.02)  # what is measured is the answer's time, not how many pings there can be
