#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# What keeps strangers and floods within bounds, against the real server.
#   tests/limits/limits.py [--server build/debug/meerkat] [NAME…]
import argparse
import resource
import sys
import time
from pathlib import Path

import kit
from xmpptest.server import default_binary, summary

import addresses
import budgets
import guesses
import half_open

# Sanitizers keep freed memory on purpose: what counts bytes means nothing with them.
COUNT_BYTES = (budgets.memory_ceiling, half_open.half_open_streams, half_open.stalled_handshakes,
               half_open.halves_of_stanzas)


def main():
    parser = argparse.ArgumentParser(description="Floods the server in many ways.")
    parser.add_argument("--server", type=Path, default=None, help="the program (default: the newest build)")
    parser.add_argument("names", nargs="*", help="only these tests")
    options = parser.parse_args()
    kit.binary = (options.server or default_binary()).resolve()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    started, passed, failed = time.monotonic(), 0, 0
    for test in addresses.TESTS + guesses.TESTS + budgets.TESTS + half_open.TESTS:
        if options.names and test.__name__ not in options.names:
            continue
        if test in COUNT_BYTES and any(name in str(kit.binary) for name in ("asan", "tsan")):
            print(f"left out with sanitizers: {test.__name__}", flush=True)
            continue
        try:
            test()
            passed += 1
        except Exception as problem:  # a test that breaks has failed, and the others go on
            failed += 1
            print(f"FAILED  {test.__doc__}\n    {test.__name__}: {type(problem).__name__}: {problem}\n", flush=True)
    summary("limits", passed, failed, started)
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
