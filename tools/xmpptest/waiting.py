# SPDX-License-Identifier: Apache-2.0
# Waiting until something is so, for what brings no event of its own; and how long threads had to wait for a processor.
import glob
import os
import time

# How many times as long everything may take: builds with sanitizers are slow, and look for leaks when they end.
SLOWNESS = float(os.environ.get("MEERKAT_TEST_SLOWNESS", "1"))


def eventually(condition, within=30.0, every=0.01):
    """Whether the condition became true; it is asked again and again."""
    until = time.monotonic() + within
    while not condition():
        if time.monotonic() > until:
            return False
        time.sleep(every)
    return True


class Waiting:
    """The seconds that threads have waited for a processor (/proc, sched_schedstats); 0 where the kernel does not tell."""

    def __init__(self, *processes):
        self._files = [open(path, "rb", buffering=0) for process in processes
                       for path in glob.glob(f"/proc/{process}/task/*/schedstat")]

    def each(self):
        times = []
        for file in self._files:
            try:
                file.seek(0)
                times.append(int(file.read().split()[1]) * 1e-9)
            except (OSError, IndexError, ValueError):
                times.append(0.0)
        return times

    def since(self, before):
        """Of the thread that had to wait longest."""
        return max((now - then for now, then in zip(self.each(), before)), default=0.0)
