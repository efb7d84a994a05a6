#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# The tools of `meerkat` against a running server, through the real program and the real socket.
#   tests/tools/tools.py [--server build/debug/meerkat] [WORD…]   only tests whose sentence has one of the words
import argparse
import sys
import time
import traceback
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))
sys.path.insert(0, str(Path(__file__).resolve().parent))
import commands  # noqa: E402
import completion  # noqa: E402
import socket_abuse  # noqa: E402
from office import Office  # noqa: E402
from xmpptest.server import ROOT, default_binary, summary  # noqa: E402


def main():
    parser = argparse.ArgumentParser(description="Tests the tools.")
    parser.add_argument("--server", type=Path, default=None, help="the program (default: the newest build)")
    parser.add_argument("words", nargs="*")
    options = parser.parse_args()
    started, passed, failed = time.monotonic(), 0, 0
    office = Office((options.server or default_binary()).resolve(), ROOT / "tests/tools/tools.toml").start()
    for sentence, test in commands.TESTS + completion.TESTS + socket_abuse.TESTS:
        if options.words and not any(word in sentence for word in options.words):
            continue
        try:
            test(office)
            passed += 1
        except Exception as problem:  # whatever it is, the next test is run
            failed += 1
            lines = [line for line in traceback.format_exc().splitlines() if line.strip()]
            print(f"FAILED  {sentence}\n    {problem!r}\n    " + "\n    ".join(lines[-3:-1]) + "\n", flush=True)
    problem = office.stop()
    if problem:
        failed += 1
        print(f"FAILED  the server stops well after all this\n    {problem}\n", flush=True)
    summary("tools", passed, failed, started)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
