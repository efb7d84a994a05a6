#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# What operators touch outside of a running server: its log, what systemd hears and hands over, what a core dump or the
# process's memory would show, `meerkat check` and `meerkat setup`.
#   tests/operations/operations.py [--server build/debug/meerkat] [WORD…]      only tests whose name contains a WORD
import argparse
import sys
import time
import traceback
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))
import before_start  # noqa: E402
import logs  # noqa: E402
import secrets_in_memory  # noqa: E402
import service  # noqa: E402
from xmpptest.server import default_binary, summary  # noqa: E402

ROOMS = (before_start, logs, service, secrets_in_memory)


def main():
    parser = argparse.ArgumentParser(description="Tests what operators touch outside of a running server.")
    parser.add_argument("words", nargs="*", help="only tests whose name contains one of these")
    parser.add_argument("--server", type=Path, default=None, help="the program (default: the newest build)")
    options = parser.parse_args()
    started, passed, failed = time.monotonic(), 0, 0
    binary = (options.server or default_binary()).resolve()
    tests = [test for room in ROOMS for name, test in sorted(vars(room).items()) if name.startswith("test_")]
    for test in tests:
        if options.words and not any(word in test.__name__ for word in options.words):
            continue
        try:
            test(binary)
            passed += 1
        except Exception:  # whatever it is, the test has failed and the others are run
            failed += 1
            print(f"FAILED  {test.__name__}: {test.__doc__}\n{traceback.format_exc()}", flush=True)
    summary("operations", passed, failed, started)
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
