# SPDX-License-Identifier: Apache-2.0
# Waiting until something is so, for what brings no event of its own.
import time


def eventually(condition, within=10.0, every=0.01):
    """Whether the condition became true; it is asked again and again."""
    until = time.monotonic() + within
    while not condition():
        if time.monotonic() > until:
            return False
        time.sleep(every)
    return True
